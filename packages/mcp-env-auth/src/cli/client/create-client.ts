import { loadConfiguration } from "../../configuration/load-configuration.ts";
import type { Endpoint } from "../../endpoint.ts";
import { SERVER_AUTH } from "../../env/server-settings.ts";
import { wrap } from "../../env/terminal-text.ts";
import { ConfigError, OAuthError } from "../../errors.ts";
import type { CliContext } from "../command.ts";
import { createSubject, type Subject } from "../doctor/subject.ts";
import { findProvider, readServerEnvironment } from "../server-environment.ts";
import { createTerminal } from "../terminal.ts";

const REGISTRATION = "/register";
const METADATA = "/.well-known/oauth-authorization-server";

export interface ClientOptions {
  readonly redirectUris: readonly string[];
  readonly name: string | undefined;
  readonly json: boolean;
}

/** What is pasted into the host's dialog. */
interface CreatedClient {
  readonly client_id: string;
  readonly client_secret: string;
  readonly redirect_uris: readonly string[];
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
}

/**
 * The command `client create`: registers a confidential client as `/register` would, which stores nothing.
 *
 * @throws ConfigError
 */
export async function createClient(options: ClientOptions, context: CliContext): Promise<number> {
  const { env, cwd, clock, stdout } = context;
  const configuration = await loadConfiguration({ processEnv: env, cwd, transport: "http" });
  const { provider } = configuration;
  if (provider === "none") {
    throw new ConfigError("FASTMCP_SERVER_AUTH is none: the server has no clients.");
  }
  const name = readServerEnvironment(context).environment.get(SERVER_AUTH)?.value ?? "";
  const declaration = (await findProvider(name, cwd))?.declaration;
  const subject = await createSubject({ configuration: { ...configuration, provider }, declaration, clock });
  try {
    const created = await register(subject, options);
    stdout.write(options.json ? `${JSON.stringify(created, undefined, 2)}\n` : format(created, subject, context));
    return 0;
  } catch (error) {
    if (error instanceof OAuthError) {
      throw new ConfigError(error.message);
    }
    throw error;
  } finally {
    await subject.authentication.close();
  }
}

async function register(
  { authentication: { endpoints } }: Subject,
  { redirectUris, name }: ClientOptions,
): Promise<CreatedClient> {
  const registration = endpoints.find(({ path }) => path === REGISTRATION);
  const metadata = endpoints.find(({ path }) => path === METADATA);
  if (registration === undefined || metadata === undefined) {
    throw new ConfigError(
      "This server issues no tokens of its own, so it has no clients. Create the client at the identity provider.",
    );
  }
  const { client_id, client_secret, redirect_uris } = await call(registration, {
    redirect_uris: redirectUris,
    token_endpoint_auth_method: "client_secret_basic",
    ...(name !== undefined && { client_name: name }),
  });
  const { authorization_endpoint, token_endpoint } = await call(metadata, undefined);
  return { client_id, client_secret, redirect_uris, authorization_endpoint, token_endpoint };
}

/** The JSON of an endpoint of ours. @throws OAuthError */
async function call({ path, methods, handle }: Endpoint, body: unknown): Promise<CreatedClient> {
  const response = await handle({
    method: methods[0] ?? "GET",
    path,
    query: new URLSearchParams(),
    headers: {},
    cookies: [],
    body,
    prefersHtml: false,
    clientAddress: "",
  });
  return (response.body as { readonly json: CreatedClient }).json;
}

function format(client: CreatedClient, { nameOf }: Subject, { stdout, env }: CliContext): string {
  const terminal = createTerminal(stdout, env);
  const rows = [
    ["Client ID", client.client_id],
    ["Client secret", client.client_secret],
    ["Authorization URL", client.authorization_endpoint],
    ["Token URL", client.token_endpoint],
    ...client.redirect_uris.map((uri) => ["Redirect URI", uri] as const),
  ] as const;
  const key = nameOf("jwtSigningKey");
  const notes = [
    "Nothing was stored. Keep the secret: it is not shown again, and whoever has it can pass for this client.",
    `Both are good as long as ${key} stays the same, or if it isn't set, the client secret of this server. A former key must stay in ${nameOf("jwtSigningKeyPrevious")}.`,
  ];
  // Values are on lines of their own, unbroken, to be copied.
  const values = rows.map(([label, value]) => `${terminal.style("bold", label)}\n${value}\n`);
  return [...values, ...notes.map((note) => `${wrap(note, terminal.width).join("\n")}\n`)].join("\n");
}
