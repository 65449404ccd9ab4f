import { fileURLToPath } from "node:url";
import { type Api, type DevAuth0, type DevAuth0Options, startDevAuth0 } from "dev-auth0";
import { Browser } from "test-support/browser";
import { freePort } from "test-support/free-port";
import { OAuthClient } from "test-support/oauth-client";
import { startProcess } from "test-support/processes";
import { afterEach, describe, expect, it } from "vitest";
import { call } from "./machine/providers/support/tool-call.ts";
import { CLIENT_KINDS, connect } from "./support/clients.ts";

const SERVER = fileURLToPath(new URL("machine/providers/support/server.mjs", import.meta.url));
const DOCUMENT_URL = "https://client.example.com/oauth/mcp.json";

const running: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((stop) => stop()));
});

interface Stage {
  readonly auth0: DevAuth0;
  readonly url: string;
}

/** A tenant that is set up by docs/providers/auth0-mcp.md, with `changes`, and a server that takes its tokens. */
async function start(
  changes: DevAuth0Options = {},
  settings: Record<string, string> = {},
  api: { thirdPartyPermissions?: readonly string[] | undefined } = {},
): Promise<Stage> {
  const origin = `http://127.0.0.1:${await freePort()}`;
  const url = `${origin}/mcp`;
  const auth0 = await startDevAuth0({
    dynamicRegistration: true,
    resourceParameter: true,
    sendIssuer: true,
    apis: [
      {
        identifier: url,
        scopes: ["weather:read", "weather:write"],
        thirdPartyPermissions: ["weather:read"],
        tokenDialect: "rfc9068_profile_authz",
        ...api,
      } as Api,
    ],
    ...changes,
  });
  running.push(() => auth0.close());
  const { stop } = await startProcess({
    name: "The server",
    script: SERVER,
    env: {
      FASTMCP_SERVER_AUTH: "fastmcp.server.auth.providers.auth0.Auth0MCPProvider",
      FASTMCP_SERVER_AUTH_AUTH0MCP_CONFIG_URL: auth0.configUrl,
      FASTMCP_SERVER_AUTH_AUTH0MCP_BASE_URL: origin,
      FASTMCP_SERVER_AUTH_AUTH0MCP_REQUIRED_SCOPES: "weather:read",
      FASTMCP_PORT: new URL(origin).port,
      FASTMCP_RATE_LIMIT: "0",
      ...settings,
    },
    readyUrl: `${origin}/readyz`,
  });
  running.push(stop);
  return { auth0, url };
}

/** A client with a metadata document, which it prefers to registration. */
class DocumentClient extends OAuthClient {
  clientMetadataUrl = DOCUMENT_URL;
}

const newClient = (username = "alice") => new OAuthClient({ browser: new Browser(), username });

function pathsOf({ auth0 }: Stage): readonly string[] {
  return auth0.requests.map(({ path }) => path);
}

describe("Auth0MCPProvider", () => {
  it.each(CLIENT_KINDS)("lets a client register at Auth0, log its user in and call a tool: %s", async (kind) => {
    const stage = await start();
    const oauth = newClient();
    const session = await connect({ kind, url: stage.url, oauth });
    const { content } = await session.callTool("whoami");
    expect(JSON.parse(content[0]?.text ?? "")).toMatchObject({
      subject: "auth0|alice",
      clientId: oauth.clientInformation()?.client_id,
      scopes: expect.arrayContaining(["weather:read"]),
    });
    expect(oauth.clientInformation()?.client_id).toMatch(/^tpc_/);
    expect(pathsOf(stage)).toEqual(expect.arrayContaining(["/oidc/register", "/u/consent"]));
    await session.close();
  });

  it("refreshes at Auth0, and logs in again after the user's grants were revoked", async () => {
    const { auth0, url } = await start();
    const oauth = newClient();
    const session = await connect({ kind: "SDK v2, 2025-11-25", url, oauth });
    oauth.spoilAccessToken();
    await session.callTool("whoami");
    expect(oauth.logins).toBe(1);
    auth0.revokeGrants("alice");
    oauth.spoilAccessToken();
    await session.callTool("whoami");
    expect(oauth.logins).toBe(2);
    await session.close();
  });

  it("works with a client whose metadata document was imported", async () => {
    const { auth0, url } = await start({ clientIdMetadataDocuments: true });
    const oauth = new DocumentClient({ browser: new Browser(), username: "alice" });
    await auth0.importClientDocument(DOCUMENT_URL, { client_id: DOCUMENT_URL, ...oauth.clientMetadata });
    const session = await connect({ kind: "SDK v2, 2025-11-25", url, oauth });
    const { content } = await session.callTool("whoami");
    expect(JSON.parse(content[0]?.text ?? "")).toMatchObject({ clientId: DOCUMENT_URL });
    await session.close();
  });

  it("ends a login whose document was announced and not imported: the client does not register instead", async () => {
    const stage = await start({ clientIdMetadataDocuments: true });
    const oauth = new DocumentClient({ browser: new Browser(), username: "alice" });
    await expect(connect({ kind: "SDK v2, 2025-11-25", url: stage.url, oauth })).rejects.toThrow("Unknown client");
    expect(pathsOf(stage)).not.toContain("/oidc/register");
  });

  it("ends a login without default permissions for third-party applications with unauthorized_client", async () => {
    const { url } = await start({}, {}, { thirdPartyPermissions: undefined });
    await expect(connect({ kind: "SDK v2, 2025-11-25", url, oauth: newClient() })).rejects.toThrow(
      "unauthorized_client",
    );
  });

  it("refuses every client where it requires a scope of OpenID Connect, as its page says", async () => {
    const { url } = await start({}, { FASTMCP_SERVER_AUTH_AUTH0MCP_REQUIRED_SCOPES: "openid weather:read" });
    const oauth = newClient();
    await expect(connect({ kind: "SDK v2, 2025-11-25", url, oauth })).rejects.toThrow();
    const answer = await call(url, oauth.tokens()?.access_token ?? "");
    expect(answer.status).toBe(403);
    expect(answer.headers.get("www-authenticate")).toMatch(/insufficient_scope.*openid/);
  });

  it("refuses a user without the permission", async () => {
    const { url } = await start();
    const oauth = newClient("carol");
    await expect(connect({ kind: "SDK v2, 2025-11-25", url, oauth })).rejects.toThrow();
    expect((await call(url, oauth.tokens()?.access_token ?? "")).status).toBe(403);
  });
});
