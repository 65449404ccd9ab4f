import { describe, expect, it } from "vitest";
import { createSigner } from "../upstream/testing/signer.ts";
import { Auth0Provider } from "./auth0.ts";
import { OCIProvider } from "./oci.ts";
import { OIDCProxy } from "./oidc.ts";
import { type OidcStandInOptions, startOidcStandIn } from "./testing/oidc-stand-in.ts";
import { type ProtectedServer, protectServer } from "./testing/protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET } from "./testing/stand-in.ts";

const AUDIENCE = "https://mcp.example.com/mcp";

async function startProvider(claims: Record<string, unknown> = {}, options: Partial<OidcStandInOptions> = {}) {
  const provider = await startOidcStandIn({
    claims: ({ scope }, issuer) => ({ iss: issuer, sub: "alice", aud: AUDIENCE, scope, ...claims }),
    ...options,
  });
  return { provider, variables: { CLIENT_ID, CLIENT_SECRET, CONFIG_URL: provider.configUrl } };
}

describe("a login at any OpenID provider", () => {
  it("sends the audience, and gives the user's claims to tools", async () => {
    const { provider, variables } = await startProvider({}, { path: "/tenant/one" });
    const server = await protectServer(OIDCProxy, { ...variables, AUDIENCE, REQUIRED_SCOPES: "openid weather:read" });
    const { client, tokens } = await server.logIn();
    expect(provider.to("/authorize")[0]?.query).toMatchObject({ audience: AUDIENCE, scope: "openid weather:read" });
    expect(await server.verify(tokens.access_token)).toMatchObject({
      subject: "alice",
      scopes: ["openid", "weather:read"],
    });
    expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
  });

  it("does not miss openid in an access token, where many providers leave it out", async () => {
    const { variables } = await startProvider({ scope: "weather:read" });
    const server = await protectServer(OIDCProxy, variables);
    expect((await server.logIn("openid")).tokens.scope).toBe("openid");
  });

  it.each([
    [{ aud: "https://another.example" }, "AUDIENCE"],
    [{ iss: "https://another.example" }, "issuer"],
    [{ scope: "openid" }, "required scopes: weather:read"],
  ])("refuses tokens that are for something else: %o", async (claims, reason) => {
    const { variables } = await startProvider(claims);
    const server = await protectServer(OIDCProxy, { ...variables, AUDIENCE, REQUIRED_SCOPES: "weather:read" });
    await expect(server.logIn()).rejects.toThrow(reason);
  });
});

describe("an access token that is no JWT", () => {
  it("is refused in the terms of the provider that there is", async () => {
    const { provider, variables } = await startProvider();
    provider.override("/token", () => ({ json: { access_token: "opaque", token_type: "Bearer" } }));
    const scopes = { REQUIRED_SCOPES: "weather:read" };
    const anyProvider = await protectServer(OIDCProxy, { ...variables, ...scopes });
    await expect(anyProvider.logIn()).rejects.toThrow("OAuthProxy");
    const auth0 = await protectServer(Auth0Provider, { ...variables, ...scopes, AUDIENCE });
    await expect(auth0.logIn()).rejects.toThrow("At Auth0");
    expect(auth0.logger.lines.map(({ message }) => message).join()).toContain("FASTMCP_SERVER_AUTH_AUTH0_AUDIENCE");
  });
});

/** What the operator reads of a provider that did not do as asked. */
const failureOf = ({ logger }: ProtectedServer) =>
  logger.lines.find(({ fields }) => "event" in fields && fields.event === "provider-failed")?.message;

describe("a login that the provider does not finish", () => {
  const jsonError = (error: string, description?: string) => () => ({
    status: 400,
    json: { error, ...(description !== undefined && { error_description: description }) },
  });
  it.each([
    ["an API that it does not know", jsonError("invalid_target"), "_AUDIENCE with the identifier"],
    ["a scope that it does not know", jsonError("invalid_scope"), "_REQUIRED_SCOPES and, unless"],
    ["PKCE", jsonError("invalid_request", "PKCE not allowed"), "RFC 7636"],
    ["another callback URL", jsonError("invalid_request", "redirect_uri does not match"), "/auth/callback"],
    ["what nobody knows", jsonError("invalid_request", "Bad: \u0007request"), "(Bad: request). The provider gives no"],
  ])("for %s names that cause", async (_what, answer, cause) => {
    const { provider, variables } = await startProvider();
    const server = await protectServer(OIDCProxy, { ...variables, AUDIENCE });
    provider.override("/token", answer);
    await expect(server.logIn()).rejects.toThrow("server_error");
    expect(failureOf(server)).toContain(cause);
  });

  it.each([
    ["a web page of something else", () => ({ status: 404, text: "<html>default backend</html>" })],
    ["JSON that is no answer", () => ({ json: { message: "no route" } })],
  ])("for %s names that cause, and its code is still good", async (_what, answer) => {
    const { provider, variables } = await startProvider();
    const server = await protectServer(OIDCProxy, { ...variables, AUDIENCE });
    provider.override("/token", answer);
    await expect(server.logIn()).rejects.toThrow("temporarily_unavailable");
    expect(failureOf(server)).toContain("_CONFIG_URL.");
  });

  it.each([
    ["no id token", () => null, "openid"],
    ["one without the nonce", () => ({ nonce: undefined }), "nonce of the login"],
    ["one of another issuer", () => ({ iss: "https://another.example" }), "_CONFIG_URL"],
    ["one for another application", () => ({ aud: "another" }), "_CLIENT_ID"],
    ["one that has expired", () => ({ exp: 1 }), "clocks"],
  ])("for %s names that cause", async (_what, idTokenClaims, cause) => {
    const { variables } = await startProvider({}, { idTokenClaims });
    const server = await protectServer(OIDCProxy, { ...variables, AUDIENCE });
    await expect(server.logIn()).rejects.toThrow("server_error");
    expect(failureOf(server)).toContain(cause);
    expect(failureOf(server)).not.toContain("_BASE_URL");
  });
});

describe("Security: an id token with a key that is not the provider's", () => {
  it("logs nobody in", async () => {
    const other = await createSigner("key-1", "RS256");
    const { provider, variables } = await startProvider({}, { idTokenSigner: other });
    const server = await protectServer(OIDCProxy, variables);
    await expect(server.logIn()).rejects.toThrow("id token");
    expect(provider.to("/token")).not.toHaveLength(0);
  });
});

describe("a login at an identity domain of OCI", () => {
  it("accepts the issuer that every domain calls itself, wherever its document is", async () => {
    const { variables } = await startProvider(
      { tenant: "idcs-0123456789abcdef", user_displayname: "Ada" },
      {
        issuer: "https://identity.oraclecloud.com/",
        authorizePath: "/oauth2/v1/authorize",
        tokenPath: "/oauth2/v1/token",
      },
    );
    const server = await protectServer(OCIProvider, variables);
    const { tokens } = await server.logIn();
    expect(await server.verify(tokens.access_token)).toMatchObject({
      scopes: ["openid"],
      claims: { iss: "https://identity.oraclecloud.com/", user_displayname: "Ada" },
    });
  });

  it("holds tokens to the audience where one is set", async () => {
    const { variables } = await startProvider({}, { issuer: "https://identity.oraclecloud.com/" });
    const server = await protectServer(OCIProvider, { ...variables, AUDIENCE: "https://another.example" });
    await expect(server.logIn()).rejects.toThrow("FASTMCP_SERVER_AUTH_OCI_AUDIENCE");
  });
});
