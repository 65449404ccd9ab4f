import { createServer as createHttpServer } from "node:http";
import type { DevAuth0 } from "dev-auth0";
import { createServer, getAccessToken, type ProtectedServer } from "mcp-env-auth";
import { onTestFinished } from "vitest";
import { Browser, logIn } from "../../scripts/support/browser.mjs";
import { freePort } from "../../scripts/support/free-port.mjs";

export interface LoggedLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly fields: object;
  readonly message: string;
}

/** A server in this process, whose time and log are the test's. */
export interface InProcessServer {
  readonly origin: string;
  readonly url: string;
  readonly lines: readonly LoggedLine[];
  /** Posts to the MCP endpoint. */
  call(token: string | undefined, body?: unknown): Promise<Response>;
  /** Registers a client, logs a user in and gives what a code exchange needs. */
  getCode(username?: string, parameters?: Record<string, string>): Promise<CodeExchange>;
  /** Goes the whole way to the token endpoint's answer. */
  getTokens(username?: string, parameters?: Record<string, string>): Promise<Record<string, string>>;
}

export interface CodeExchange {
  readonly form: Record<string, string>;
  exchange(changes?: Record<string, string>): Promise<Response>;
}

export interface InProcessOptions {
  readonly auth0: DevAuth0;
  readonly clock?: () => number;
  readonly env?: Record<string, string>;
  readonly register?: (server: ProtectedServer) => void;
}

const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const CALLBACK = "http://127.0.0.1:1/callback";

export const WHOAMI = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "whoami", arguments: {} } };

/** Starts a server that logs its users in at `auth0`, until the test ends. */
export async function startInProcess({ auth0, clock, env, register }: InProcessOptions): Promise<InProcessServer> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const lines: LoggedLine[] = [];
  const log = (level: LoggedLine["level"]) => (fields: object, message: string) =>
    void lines.push({ level, fields, message });
  const server = createServer({
    name: "In process",
    version: "1.0.0",
    env: { ...auth0.env(origin), ...env },
    logger: { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") },
    ...(clock === undefined ? {} : { clock }),
  });
  server.registerTool("whoami", { description: "Who is asking" }, () => getAccessToken().subject);
  register?.(server);
  const http = createHttpServer(await server.app());
  await new Promise<void>((resolve) => http.listen(port, "127.0.0.1", resolve));
  onTestFinished(async () => {
    http.close();
    http.closeAllConnections();
    await server.close();
  });

  const url = `${origin}/mcp`;
  const getCode: InProcessServer["getCode"] = async (username = "alice", parameters = {}) => {
    const registration = await fetch(`${origin}/register`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ redirect_uris: [CALLBACK], token_endpoint_auth_method: "none" }),
    });
    const { client_id } = (await registration.json()) as { client_id: string };
    const query = new URLSearchParams({
      response_type: "code",
      client_id,
      redirect_uri: CALLBACK,
      code_challenge: CHALLENGE,
      code_challenge_method: "S256",
      ...parameters,
    });
    const redirect = await logIn(new Browser(), `${origin}/authorize?${query}`, { redirectUri: CALLBACK, username });
    const form = {
      grant_type: "authorization_code",
      code: redirect.searchParams.get("code") ?? "",
      client_id,
      redirect_uri: CALLBACK,
      code_verifier: VERIFIER,
    };
    return {
      form,
      exchange: (changes = {}) =>
        fetch(`${origin}/token`, { method: "POST", body: new URLSearchParams({ ...form, ...changes }) }),
    };
  };
  return {
    origin,
    url,
    lines,
    call: (token, body = WHOAMI) =>
      fetch(url, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          Accept: "application/json, text/event-stream",
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    getCode,
    getTokens: async (username, parameters) => {
      const response = await (await getCode(username, parameters)).exchange();
      return (await response.json()) as Record<string, string>;
    },
  };
}

/** Waits until `condition` holds; the test's timeout is the limit. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
