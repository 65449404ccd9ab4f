import {
  auth,
  Client,
  computeScopeUnion,
  InsufficientScopeError,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from "@modelcontextprotocol/client";
import { listenForCallback } from "./callback-listener.ts";
import type { CredentialsFile } from "./credentials-file.ts";
import { type ClientIdentity, createLogin } from "./login.ts";
import { namedFetch } from "./named-fetch.ts";

export interface ConnectOptions {
  readonly url: URL;
  readonly identity?: ClientIdentity;
  readonly credentials: CredentialsFile;
  /** Shows a person the page where a login begins. */
  readonly openBrowser: (url: URL) => unknown;
}

/** A connection to an MCP server, on behalf of the user who logged in. */
export interface Connection {
  /**
   * Calls the server, and once more after a login where it asks for one: it does so again when a tool needs a scope
   * that the tokens do not carry.
   *
   * @throws Error that names the scope, when the user was not given it at that login.
   */
  call<T>(request: (client: Client) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Connects to an MCP server, with the tokens of an earlier run where they still work. */
export async function connect({ url, identity = {}, credentials, openBrowser }: ConnectOptions): Promise<Connection> {
  const callback = await listenForCallback();
  const login = createLogin({ identity, credentials, callback, openBrowser });
  let { client, transport } = create();

  function create() {
    return {
      client: new Client({ name: "weather-client", version: "0.1.0" }, { versionNegotiation: { mode: "auto" } }),
      transport: new StreamableHTTPClientTransport(url, {
        authProvider: login,
        onInsufficientScope: "throw",
        fetch: namedFetch,
      }),
    };
  }

  async function afterLogin<T>(attempt: () => Promise<T>, again: () => Promise<T>): Promise<T> {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof InsufficientScopeError) {
        await askFor(error);
      }
      const redirect = login.finished();
      if (redirect === undefined || !isAnsweredByLogin(error)) {
        throw error;
      }
      // Compares the redirect's issuer with the one that was asked (RFC 9207), before anything in it counts.
      await transport.finishAuth(await redirect);
      return again().catch((second) => {
        if (!(second instanceof InsufficientScopeError)) {
          throw second;
        }
        throw notPermitted(second, credentials.read().tokens?.scope);
      });
    }
  }

  /** As `attempt`, but a refusal reads as the server's own sentence. */
  async function readable<T>(attempt: () => Promise<T>): Promise<T> {
    return attempt().catch((error: unknown) => {
      throw refusalIn(error) ?? error;
    });
  }

  /**
   * Begins a login for what the tokens carry and what the server requires: a refreshed token never carries more (RFC
   * 6749 section 6).
   */
  async function askFor({ requiredScope, resourceMetadataUrl }: InsufficientScopeError): Promise<void> {
    const scope = computeScopeUnion(credentials.read().tokens?.scope, requiredScope);
    await auth(login, {
      serverUrl: url,
      fetchFn: namedFetch,
      forceReauthorization: true,
      ...(scope !== undefined && { scope }),
      ...(resourceMetadataUrl !== undefined && { resourceMetadataUrl }),
    });
  }

  try {
    await afterLogin(
      () => client.connect(transport),
      () => {
        // A transport that was refused can't be connected again.
        ({ client, transport } = create());
        return client.connect(transport);
      },
    );
  } catch (error) {
    await callback.close();
    throw error;
  }

  return {
    call: (request) =>
      readable(() =>
        afterLogin(
          () => request(client),
          () => request(client),
        ),
      ),
    async close() {
      await client.close();
      await callback.close();
    },
  };
}

function isAnsweredByLogin(error: unknown): boolean {
  return error instanceof UnauthorizedError || error instanceof InsufficientScopeError;
}

/** What the server says in an error response (RFC 6749 section 5.2), which the SDK passes on as JSON. */
function refusalIn(error: unknown): Error | undefined {
  const json = error instanceof Error ? /\{.*\}/s.exec(error.message)?.[0] : undefined;
  if (json === undefined) {
    return undefined;
  }
  try {
    const { error_description: description } = JSON.parse(json) as { error_description?: unknown };
    return typeof description === "string" ? new Error(description, { cause: error }) : undefined;
  } catch {
    return undefined;
  }
}

function notPermitted({ requiredScope = "" }: InsufficientScopeError, granted = ""): Error {
  const missing = requiredScope.split(" ").filter((scope) => !granted.split(" ").includes(scope));
  const what = missing.join(" ") || "what the server requires";
  return new Error(`This user was not given ${what}. Ask for the permission in Auth0, then run the client again.`);
}
