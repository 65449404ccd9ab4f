import { describe, expect, it } from "vitest";
import { environmentOf } from "../env/testing/environment-of.ts";
import { LogtoProvider } from "./logto.ts";
import { startOidcStandIn } from "./testing/oidc-stand-in.ts";
import { protectServer } from "./testing/protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET } from "./testing/stand-in.ts";

const AUDIENCE = "https://mcp.example.com/mcp";
const REVOKE = "/oidc/token/revocation";

/** A tenant with tokens as Logto's documentation shows them. */
async function startLogto() {
  const logto = await startOidcStandIn({
    path: "/oidc",
    scopesSupported: ["openid", "offline_access", "profile"],
    revocationPath: REVOKE,
    otherRoutes: { [REVOKE]: () => ({ status: 200, text: "" }) },
    machines: ["nightly-report"],
    claims: ({ nonce }, issuer) => ({
      iss: issuer,
      sub: nonce === undefined ? "nightly-report" : "foo123",
      aud: AUDIENCE,
      client_id: nonce === undefined ? "nightly-report" : CLIENT_ID,
      scope: "weather:read",
    }),
  });
  return { logto, variables: { CLIENT_ID, CLIENT_SECRET, AUDIENCE, CONFIG_URL: logto.configUrl } };
}

describe("a login at Logto", () => {
  it("names the API as resource in every request, and asks for consent to get a refresh token", async () => {
    const { logto, variables } = await startLogto();
    const server = await protectServer(LogtoProvider, { ...variables, REQUIRED_SCOPES: "openid weather:read" });
    const { client, tokens } = await server.logIn();
    const { query } = logto.to("/authorize")[0] ?? {};
    expect(query).toMatchObject({
      resource: AUDIENCE,
      prompt: "consent",
      scope: "openid weather:read offline_access",
    });
    expect(query).not.toHaveProperty("audience");
    expect((await server.verify(tokens.access_token)).subject).toBe("foo123");
    await client.refresh(tokens.refresh_token);
    expect(logto.to("/token").map(({ form }) => form.resource)).toEqual([AUDIENCE, AUDIENCE]);
  });

  it("takes the API as RESOURCE as well, the name of the setting elsewhere", async () => {
    const { logto, variables } = await startLogto();
    const { AUDIENCE: RESOURCE, ...others } = variables;
    const server = await protectServer(LogtoProvider, { ...others, RESOURCE });
    const { client, tokens } = await server.logIn();
    expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
    expect(logto.to("/authorize")[0]?.query).toMatchObject({ resource: AUDIENCE });
    expect(logto.to("/token").map(({ form }) => form.resource)).toEqual([AUDIENCE, AUDIENCE]);
    const other = await protectServer(LogtoProvider, { ...others, RESOURCE: "https://another.example" });
    await expect(other.logIn()).rejects.toThrow("expected https://another.example");
  });

  it("names the setting when Logto doesn't know the API", async () => {
    const { logto, variables } = await startLogto();
    const server = await protectServer(LogtoProvider, variables);
    logto.override("/token", () => ({ status: 400, json: { error: "invalid_target" } }));
    await expect(server.logIn()).rejects.toThrow("server_error");
    const line = server.logger.lines.find(({ message }) => message.includes("invalid_target"));
    expect(line?.message).toContain("Compare FASTMCP_SERVER_AUTH_LOGTO_AUDIENCE with");
  });

  it("leaves the user's other sessions at Logto alone when one client logs out", async () => {
    const { logto, variables } = await startLogto();
    const server = await protectServer(LogtoProvider, variables);
    const { client, tokens } = await server.logIn();
    expect((await client.revoke(tokens.refresh_token)).status).toBe(200);
    expect(logto.to(REVOKE)).toHaveLength(0);
    await expect(server.verify(tokens.access_token)).rejects.toThrow("revoked");
  });

  it("gets a machine's token for the API", async () => {
    const { logto, variables } = await startLogto();
    const server = await protectServer(LogtoProvider, { ...variables, MACHINE_CLIENTS: '["nightly-report"]' });
    const form = { grant_type: "client_credentials", client_id: "nightly-report", client_secret: CLIENT_SECRET };
    const answer = await fetch(new URL("/token", server.address), { method: "POST", body: new URLSearchParams(form) });
    const { access_token: token = "" } = (await answer.json()) as { access_token?: string };
    expect((await server.verify(token)).subject).toBe("nightly-report@clients");
    expect(logto.to("/token").at(-1)?.form.resource).toBe(AUDIENCE);
  });

  it("keeps other extra parameters", async () => {
    const { logto, variables } = await startLogto();
    const extra = { EXTRA_AUTHORIZE_PARAMS: '{"ui_locales":"fr"}', OFFLINE_ACCESS: "off" };
    await (await protectServer(LogtoProvider, { ...variables, ...extra })).logIn();
    const { query } = logto.to("/authorize")[0] ?? {};
    expect(query).toMatchObject({ ui_locales: "fr", resource: AUDIENCE, scope: "openid" });
    expect(query).not.toHaveProperty("prompt");
  });
});

it("Logto needs the identifier of an API", () => {
  const { problems } = LogtoProvider.fromEnvironment(environmentOf({}));
  expect(problems.map(({ variable }) => variable)).toContain("FASTMCP_SERVER_AUTH_LOGTO_AUDIENCE");
});
