import { describe, expect, it } from "vitest";
import { JWT_BEARER } from "../proxy/grants/jwt-bearer.ts";
import { postForm } from "../proxy/testing/mcp-client.ts";
import { OIDCProxy } from "./oidc.ts";
import { type OidcStandIn, startOidcStandIn } from "./testing/oidc-stand-in.ts";
import { protectServer } from "./testing/protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET } from "./testing/stand-in.ts";

type Claims = Record<string, unknown>;

const AUDIENCE = "https://weather.example.com/api";

/** A server at an OpenID provider that, like an enterprise, also makes assertions. */
async function start(userInToken: Claims, variables: Record<string, string> = {}) {
  const own = await startOidcStandIn({
    claims: (_grant, iss) => ({ iss, aud: AUDIENCE, azp: CLIENT_ID, scope: "openid", ...userInToken }),
  });
  const enterprise = await startOidcStandIn({ claims: () => ({}) });
  const server = await protectServer(OIDCProxy, {
    ...{ CONFIG_URL: own.configUrl, CLIENT_ID, CLIENT_SECRET, AUDIENCE },
    TRUSTED_ASSERTION_ISSUERS: JSON.stringify([own.issuer, enterprise.issuer]),
    ...variables,
  });
  const client = await server.register({ token_endpoint_auth_method: "client_secret_post" });
  const now = Math.floor(Date.now() / 1000);
  let used = 0;

  async function assert({ issuer, signer }: OidcStandIn, claims: Claims) {
    const assertion = await signer.sign(
      {
        ...{ iss: issuer, aud: `${server.address}/`, exp: now + 300, iat: now, jti: String(used++) },
        ...{ client_id: client.id, resource: server.authentication.resource },
        ...claims,
      },
      { typ: "oauth-id-jag+jwt" },
    );
    const credentials = { client_id: client.id, client_secret: client.secret ?? "" };
    const { status, body } = await postForm(`${server.address}/token`, {
      grant_type: JWT_BEARER,
      assertion,
      ...credentials,
    });
    return { status, body, subject: async () => (await server.verify(body.access_token ?? "")).subject };
  }

  return { server, own, enterprise, assert };
}

describe("Security rule 20: an enterprise's assertion", () => {
  it("of the provider itself names its user as the provider's tokens do", async () => {
    // The attacker has chosen a name that is another user's sub.
    const attacker = { sub: "u-attacker", preferred_username: "u-victim" };
    const { server, own, assert } = await start(attacker, { SUBJECT_CLAIM: "preferred_username" });
    const { tokens } = await server.logIn();
    expect((await server.verify(tokens.access_token)).subject).toBe("u-victim");
    const victim = await assert(own, { sub: "u-victim", preferred_username: "victim" });
    expect(await victim.subject()).toBe("victim");
  });

  it("of the provider itself is refused where the claim that names users is missing", async () => {
    const { own, assert } = await start({ sub: "1" }, { SUBJECT_CLAIM: "preferred_username" });
    const { status, body } = await assert(own, { sub: "u-victim" });
    expect([status, body.error]).toEqual([400, "invalid_grant"]);
    expect(body.error_description).toContain("preferred_username claim is missing");
  });

  it("of another issuer names its user by sub, after the issuer, whatever names the provider's", async () => {
    const { enterprise, assert } = await start({ sub: "1" }, { SUBJECT_CLAIM: "preferred_username" });
    const asserted = await assert(enterprise, { sub: "bob", preferred_username: "alice" });
    expect(await asserted.subject()).toBe(`${enterprise.issuer}|bob`);
  });

  it.each([
    ["of a machine", "job@clients", "reserved"],
    ["of our application", CLIENT_ID, "reserved"],
    ["that is blank", " ", "no sub"],
    ["of another issuer's user", undefined, "reserved"],
  ])("of the provider itself is refused for a name %s", async (_what, name, reason) => {
    const { own, enterprise, assert } = await start({ sub: "1" });
    const { status, body } = await assert(own, { sub: name ?? `${enterprise.issuer}|bob` });
    expect([status, body.error]).toEqual([400, "invalid_grant"]);
    expect(body.error_description).toContain(reason);
  });

  it.each([
    ["of a machine", "job@clients", "reserved"],
    ["that is blank", "\u200b", "no sub"],
  ])("of another issuer is refused for a name %s", async (_what, sub, reason) => {
    const { enterprise, assert } = await start({ sub: "1" });
    const { status, body } = await assert(enterprise, { sub });
    expect([status, body.error]).toEqual([400, "invalid_grant"]);
    expect(body.error_description).toContain(reason);
  });

  it("of an enterprise shares no subject with a user whom the provider lets choose a name", async () => {
    const { issuer } = await startOidcStandIn({ claims: () => ({}) });
    const provider = await startOidcStandIn({
      claims: (_grant, iss) => ({ iss, aud: AUDIENCE, azp: CLIENT_ID, scope: "openid", sub: `${issuer}|bob` }),
    });
    const server = await protectServer(OIDCProxy, {
      ...{ CONFIG_URL: provider.configUrl, CLIENT_ID, CLIENT_SECRET, AUDIENCE },
      TRUSTED_ASSERTION_ISSUERS: JSON.stringify([issuer]),
    });
    await expect(server.logIn()).rejects.toThrow("reserved");
  });
});
