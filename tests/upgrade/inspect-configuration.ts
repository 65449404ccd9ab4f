import type { Outcome } from "./artifacts.ts";
import type { Answer, UpgradeServer } from "./harness.ts";

/** Any name of this machine reaches the server, whatever BASE_URL says. */
const ORIGIN = "http://127.0.0.1";

const REDIRECT_URIS = [
  "http://127.0.0.1:33418/callback",
  "http://localhost:3000/callback",
  "https://claude.ai/api/mcp/auth_callback",
  "https://client.example.com/callback",
];

/** What a configuration makes of a server, as far as clients and their tokens depend on it. */
export async function inspectConfiguration(server: UpgradeServer): Promise<Outcome> {
  const challenge = await challengeOf(server);
  const protectedResource = await resourceMetadata(server, challenge);
  const registrations = await Promise.all(REDIRECT_URIS.map((redirectUri) => register(server, redirectUri)));
  const clientId = registrations.find(({ clientId }) => clientId !== undefined)?.clientId;
  const accepted = REDIRECT_URIS.filter((_, index) => registrations[index]?.clientId !== undefined);
  return {
    challenge,
    protectedResource,
    authorizationServer: await authorizationServer(server),
    redirectUrisAccepted: accepted,
    ...(clientId !== undefined && {
      signingKeyId: keyIdOf(clientId),
      login: await beginLogin(server, clientId, accepted[0] ?? ""),
    }),
  };
}

/** A client id that the server gives out, for the recording. `undefined`: clients do not register here. */
export async function registerClient(server: UpgradeServer): Promise<string | undefined> {
  for (const redirectUri of REDIRECT_URIS) {
    const { clientId } = await register(server, redirectUri);
    if (clientId !== undefined) {
      return clientId;
    }
  }
  return undefined;
}

/** What the token endpoint says to a client: `invalid_client` when it does not know it. */
export async function useClient(server: UpgradeServer, clientId: string): Promise<Outcome> {
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    code: "no code",
    code_verifier: "v".repeat(43),
    client_id: clientId,
  });
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const { status, text } = await server.send(`${ORIGIN}/token`, { method: "POST", headers, body: body.toString() });
  return { status, error: (JSON.parse(text) as { error?: unknown }).error };
}

/** The parameters of the challenge to a request without a token, at whatever path the MCP endpoint is. */
async function challengeOf(server: UpgradeServer): Promise<Record<string, string>> {
  for (const path of ["/mcp", "/tools"]) {
    const { status, headers } = await server.send(`${ORIGIN}${path}`, { method: "POST" });
    if (status !== 401) {
      continue;
    }
    const found = [...String(headers["www-authenticate"]).matchAll(/(\w+)="([^"]*)"/g)];
    const parameters = Object.fromEntries(found.map(([, name = "", value = ""]) => [name, value]));
    return pick(parameters, ["resource_metadata", "scope"]) as Record<string, string>;
  }
  return {};
}

async function resourceMetadata(server: UpgradeServer, challenge: Record<string, string>): Promise<Outcome> {
  const { pathname } = new URL(challenge.resource_metadata ?? "/none", ORIGIN);
  return pick(jsonOf(await server.send(`${ORIGIN}${pathname}`)), [
    "resource",
    "authorization_servers",
    "scopes_supported",
  ]);
}

async function authorizationServer(server: UpgradeServer): Promise<Outcome> {
  return pick(jsonOf(await server.send(`${ORIGIN}/.well-known/oauth-authorization-server`)), [
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "registration_endpoint",
    "revocation_endpoint",
    "scopes_supported",
  ]);
}

async function register(server: UpgradeServer, redirectUri: string): Promise<{ readonly clientId?: string }> {
  const answer = await server.send(`${ORIGIN}/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ redirect_uris: [redirectUri] }),
  });
  const { client_id: clientId } = jsonOf(answer);
  return typeof clientId === "string" ? { clientId } : {};
}

/** Where a login goes at the provider, and what is asked for there. */
async function beginLogin(server: UpgradeServer, clientId: string, redirectUri: string): Promise<Outcome> {
  const query = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    code_challenge_method: "S256",
  });
  const page = await server.send(`${ORIGIN}/authorize?${query}`);
  const request = /name="request" value="([^"]+)"/.exec(page.text)?.[1];
  if (request === undefined) {
    return { consent: page.status };
  }
  const cookie = [page.headers["set-cookie"] ?? []].flat().map((line) => line.split(";")[0]);
  const approved = await server.send(`${ORIGIN}/consent`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", cookie: cookie.join("; ") },
    body: new URLSearchParams({ request, decision: "allow" }).toString(),
  });
  const location = new URL(String(approved.headers.location));
  const parameters = [...location.searchParams].filter(
    ([name]) => !["state", "nonce", "code_challenge"].includes(name),
  );
  return { endpoint: `${location.origin}${location.pathname}`, parameters: Object.fromEntries(parameters) };
}

/** The `kid` of the key that a client id is sealed with: a fingerprint of the signing key. */
function keyIdOf(clientId: string): unknown {
  return JSON.parse(Buffer.from(clientId.split(".")[0] ?? "", "base64url").toString()).kid;
}

function jsonOf({ text }: Answer): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function pick(object: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => name in object).map((name) => [name, object[name]]));
}
