import { describe, expect, it } from "vitest";
import { startOidcStandIn } from "./testing/oidc-stand-in.ts";
import { protectServer } from "./testing/protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET } from "./testing/stand-in.ts";
import { ZitadelProvider } from "./zitadel.ts";

const ROLES = "urn:zitadel:iam:org:project:roles";
const PROJECT = "301234567890123455";
const ORGANIZATION = "301234567890123400";

/** An instance with tokens as Zitadel's documentation shows them: no scopes, roles as an object. */
async function startZitadel(claims: Record<string, unknown> = {}) {
  const zitadel = await startOidcStandIn({
    scopesSupported: ["openid", "profile", "email", "offline_access"],
    claims: (_grant, issuer) => ({
      iss: issuer,
      sub: "301234567890123999",
      aud: [CLIENT_ID, "another application of the project", PROJECT],
      client_id: CLIENT_ID,
      [ROLES]: { editor: { [ORGANIZATION]: "acme.zitadel.cloud" } },
      "urn:zitadel:iam:user:resourceowner:id": ORGANIZATION,
      ...claims,
    }),
    answer: ({ scope }) => ({ scope }),
  });
  return { zitadel, variables: { CLIENT_ID, CLIENT_SECRET, CONFIG_URL: zitadel.configUrl } };
}

describe("a login at Zitadel", () => {
  it("counts the scopes of the token response, and asks for a refresh token", async () => {
    const { zitadel, variables } = await startZitadel();
    const server = await protectServer(ZitadelProvider, { ...variables, REQUIRED_SCOPES: `openid ${ROLES}` });
    const { client, tokens } = await server.logIn();
    const { query } = zitadel.to("/authorize")[0] ?? {};
    expect(query?.scope).toBe(`openid ${ROLES} offline_access`);
    expect(query).not.toHaveProperty("audience");
    const token = await server.verify(tokens.access_token);
    expect(token).toMatchObject({ subject: "301234567890123999", scopes: ["openid", ROLES] });
    expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
  });

  it.each([
    [{}, { aud: ["another application", PROJECT] }, "AUDIENCE"],
    [{ AUDIENCE: PROJECT }, { aud: [CLIENT_ID] }, "AUDIENCE"],
    [{ ALLOWED_ORGANIZATIONS: '["another"]' }, {}, "organization"],
  ])("with %o refuses a token with %o", async (settings, claims, reason) => {
    const { variables } = await startZitadel(claims);
    const server = await protectServer(ZitadelProvider, { ...variables, ...settings });
    await expect(server.logIn()).rejects.toThrow(reason);
  });

  it("accepts the project as the audience, and the organization of the user", async () => {
    const { variables } = await startZitadel();
    const settings = { AUDIENCE: PROJECT, ALLOWED_ORGANIZATIONS: JSON.stringify([ORGANIZATION]) };
    const server = await protectServer(ZitadelProvider, { ...variables, ...settings });
    const { tokens } = await server.logIn();
    expect((await server.verify(tokens.access_token)).subject).toBe("301234567890123999");
  });

  it("says where opaque tokens become JWTs", async () => {
    const { zitadel, variables } = await startZitadel();
    zitadel.override("/token", () => ({ json: { access_token: "opaque", token_type: "Bearer" } }));
    const server = await protectServer(ZitadelProvider, { ...variables, REQUIRED_SCOPES: ROLES });
    await expect(server.logIn()).rejects.toThrow("Auth Token Type: JWT");
  });
});
