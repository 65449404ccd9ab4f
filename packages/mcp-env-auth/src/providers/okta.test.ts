import { describe, expect, it } from "vitest";
import { environmentOf } from "../env/testing/environment-of.ts";
import { OktaProvider } from "./okta.ts";
import { startOidcStandIn } from "./testing/oidc-stand-in.ts";
import { protectServer } from "./testing/protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET } from "./testing/stand-in.ts";

const AUDIENCE = "api://default";
const USER = { uid: "00uixa271s6x7qt8I0h7", sub: "ada@example.com", groups: ["Weather editors"] };
const PREFIX = OktaProvider.declaration.prefix;

/** A custom authorization server, with tokens as Okta's documentation shows them. */
async function startOkta(claims: Record<string, unknown> = {}, machines: readonly string[] = []) {
  const okta = await startOidcStandIn({
    path: "/oauth2/default",
    scopesSupported: ["openid", "offline_access", "weather:read"],
    revocationPath: "/oauth2/default/v1/revoke",
    otherRoutes: { "/oauth2/default/v1/revoke": () => ({ status: 200, text: "" }) },
    machines,
    claims: ({ scope, nonce }, issuer) => ({
      ver: 1,
      jti: "AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE",
      iss: issuer,
      aud: AUDIENCE,
      scp: scope.split(" "),
      ...(nonce === undefined ? { cid: "nightly-report", sub: "nightly-report" } : { cid: CLIENT_ID, ...USER }),
      ...claims,
    }),
    idTokenClaims: () => ({ sub: USER.uid, ver: 1, amr: ["pwd"] }),
  });
  return { okta, variables: { CLIENT_ID, CLIENT_SECRET, AUDIENCE, CONFIG_URL: okta.configUrl } };
}

describe("a login at Okta", () => {
  it("names users by their id, and reads scopes and groups", async () => {
    const { okta, variables } = await startOkta();
    const server = await protectServer(OktaProvider, { ...variables, REQUIRED_SCOPES: "openid weather:read" });
    const { client, tokens } = await server.logIn();
    const { query } = okta.to("/authorize")[0] ?? {};
    expect(query?.scope).toBe("openid weather:read offline_access");
    expect(query).not.toHaveProperty("audience");
    const token = await server.verify(tokens.access_token);
    expect(token).toMatchObject({ subject: USER.uid, scopes: ["openid", "weather:read"] });
    expect(token.claims).toMatchObject({ groups: USER.groups });
    const { status, body } = await client.refresh(tokens.refresh_token);
    expect(status).toBe(200);
    expect((await server.verify(body.access_token ?? "")).subject).toBe(USER.uid);
    await client.revoke(body.refresh_token ?? "");
    expect(okta.to("/oauth2/default/v1/revoke")).toHaveLength(1);
  });

  it.each([
    [{ aud: "https://another.example" }, "AUDIENCE"],
    [{ uid: undefined }, "uid"],
  ])("refuses a token that names no user of this API: %o", async (claims, reason) => {
    const { variables } = await startOkta(claims);
    await expect((await protectServer(OktaProvider, variables)).logIn()).rejects.toThrow(reason);
  });

  it("takes another claim for the user where it is told to", async () => {
    const { variables } = await startOkta();
    const server = await protectServer(OktaProvider, { ...variables, SUBJECT_CLAIM: "sub" });
    const { tokens } = await server.logIn();
    expect((await server.verify(tokens.access_token)).subject).toBe(USER.sub);
  });

  it("lets a machine in by its client id", async () => {
    const { okta, variables } = await startOkta({}, ["nightly-report"]);
    const server = await protectServer(OktaProvider, { ...variables, MACHINE_CLIENTS: '["nightly-report"]' });
    const form = {
      grant_type: "client_credentials",
      client_id: "nightly-report",
      client_secret: CLIENT_SECRET,
      scope: "weather:read",
    };
    const answer = await fetch(new URL("/token", server.address), { method: "POST", body: new URLSearchParams(form) });
    const { access_token: token = "" } = (await answer.json()) as { access_token?: string };
    expect((await server.verify(token)).subject).toBe("nightly-report@clients");
    expect(okta.to("/token").at(-1)?.form).not.toHaveProperty("audience");
  });
});

describe("the settings of Okta", () => {
  const problemOf = (variables: Record<string, string>, name: string) => {
    const named = Object.entries(variables).map(([key, value]) => [`${PREFIX}${key}`, value]);
    const { problems } = OktaProvider.fromEnvironment(environmentOf(Object.fromEntries(named)));
    return problems.find(({ variable }) => variable === `${PREFIX}${name}`)?.message;
  };

  it.each([
    "https://your-org.okta.com/.well-known/openid-configuration",
    "https://your-org.okta.com/oauth2/v1/.well-known/openid-configuration",
    "https://your-org.okta.com/oauth2/default",
    "https://your-org.okta.com/",
  ])("refuse what is not the document of a custom authorization server: %s", (url) => {
    expect(problemOf({ CONFIG_URL: url }, "CONFIG_URL")).toMatch(/custom authorization server.*\/oauth2\/default\//);
  });

  it.each([
    "https://your-org.okta.com/oauth2/default/.well-known/openid-configuration",
    "https://login.example.com/oauth2/aus9o8wzkhckw9TLa0h7/.well-known/oauth-authorization-server",
  ])("accept %s", (url) => {
    expect(problemOf({ CONFIG_URL: url }, "CONFIG_URL")).toBeUndefined();
  });

  it("need the audience", () => {
    expect(problemOf({}, "AUDIENCE")).toContain("api://default");
  });
});
