import { describe, expect, it } from "vitest";
import { AuthentikProvider } from "./authentik.ts";
import { type OidcStandInOptions, startOidcStandIn } from "./testing/oidc-stand-in.ts";
import { protectServer } from "./testing/protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET } from "./testing/stand-in.ts";

const SUBJECT = "6f1ed002ab5595859014ebf0951522d9a1c2d3e4f5061728394a5b6c7d8e9f00";

/** A provider with tokens as authentik's source makes them: an id token's claims, and a random `uid`. */
async function startAuthentik(claims: Record<string, unknown> = {}, options: Partial<OidcStandInOptions> = {}) {
  let tokens = 0;
  const authentik = await startOidcStandIn({
    path: "/application/o/mcp",
    scopesSupported: ["openid", "profile", "email", "offline_access"],
    revocationPath: "/application/o/revoke/",
    otherRoutes: { "/application/o/revoke/": () => ({ json: {} }) },
    claims: ({ nonce }, issuer) => ({
      iss: issuer,
      sub: SUBJECT,
      aud: CLIENT_ID,
      azp: CLIENT_ID,
      acr: "goauthentik.io/providers/oauth2/default",
      amr: ["pwd"],
      auth_time: 1,
      sid: "session",
      ...(nonce !== undefined && { nonce }),
      uid: `random-${++tokens}`,
      groups: ["Weather editors"],
      name: "Ada",
      ...claims,
    }),
    idTokenClaims: () => ({ sub: SUBJECT }),
    answer: ({ scope }) => ({ scope }),
    ...options,
  });
  return { authentik, variables: { CLIENT_ID, CLIENT_SECRET, CONFIG_URL: authentik.configUrl } };
}

describe("a login at authentik", () => {
  it("accepts its access tokens, which look like id tokens", async () => {
    const { authentik, variables } = await startAuthentik();
    const server = await protectServer(AuthentikProvider, variables);
    const { client, tokens } = await server.logIn();
    expect(authentik.to("/authorize")[0]?.query.scope).toBe("openid profile offline_access");
    const token = await server.verify(tokens.access_token);
    expect(token).toMatchObject({
      subject: SUBJECT,
      scopes: ["openid", "profile"],
      claims: { groups: ["Weather editors"] },
    });
    const { body } = await client.refresh(tokens.refresh_token);
    expect((await server.verify(body.access_token ?? "")).subject).toBe(SUBJECT);
    await client.revoke(body.refresh_token ?? "");
    expect(authentik.to("/application/o/revoke/")).toHaveLength(1);
  });

  it("refuses a token for another application", async () => {
    const { variables } = await startAuthentik({ aud: "another" });
    await expect((await protectServer(AuthentikProvider, variables)).logIn()).rejects.toThrow("AUDIENCE");
  });

  it("refuses an access token of another user than the id token's", async () => {
    const { variables } = await startAuthentik({}, { idTokenClaims: () => ({ sub: "somebody else" }) });
    await expect((await protectServer(AuthentikProvider, variables)).logIn()).rejects.toThrow("different users");
  });

  it("says that an encrypted token needs a provider without an encryption key", async () => {
    const { authentik, variables } = await startAuthentik();
    const token = `${Buffer.from('{"alg":"RSA-OAEP-256","enc":"A256CBC-HS512"}').toString("base64url")}.a.b.c.d`;
    authentik.override("/token", () => ({ json: { access_token: token, token_type: "Bearer" } }));
    const server = await protectServer(AuthentikProvider, { ...variables, REQUIRED_SCOPES: "profile" });
    await expect(server.logIn()).rejects.toThrow("Encryption Key");
  });

  it("says that a token signed with the client secret needs a signing key", async () => {
    const { authentik, variables } = await startAuthentik();
    const token = [
      { alg: "HS256", typ: "JWT" },
      { iss: new URL(authentik.issuer).href, sub: SUBJECT },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .concat("c2lnbmF0dXJl")
      .join(".");
    authentik.override("/token", () => ({ json: { access_token: token, token_type: "Bearer" } }));
    const server = await protectServer(AuthentikProvider, { ...variables, REQUIRED_SCOPES: "profile" });
    await expect(server.logIn()).rejects.toThrow("Signing Key");
  });
});
