import { afterEach, describe, expect, test } from "vitest";
import { type DevAuth0, startDevAuth0 } from "./index.ts";

let auth0: DevAuth0;

afterEach(() => auth0.close());

async function discover(path = ".well-known/openid-configuration"): Promise<Record<string, unknown>> {
  return (await (await fetch(`${auth0.issuer}${path}`)).json()) as Record<string, unknown>;
}

describe("discovery", () => {
  test("lists what a client of Auth0 relies on", async () => {
    auth0 = await startDevAuth0();
    expect(await discover()).toMatchObject({
      issuer: `http://127.0.0.1:${auth0.port}/`,
      authorization_endpoint: `${auth0.issuer}authorize`,
      token_endpoint: `${auth0.issuer}oauth/token`,
      userinfo_endpoint: `${auth0.issuer}userinfo`,
      jwks_uri: `${auth0.issuer}.well-known/jwks.json`,
      revocation_endpoint: `${auth0.issuer}oauth/revoke`,
      scopes_supported: expect.arrayContaining(["openid", "profile", "email", "offline_access"]),
      code_challenge_methods_supported: ["S256"],
      token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"],
      id_token_signing_alg_values_supported: expect.arrayContaining(["RS256"]),
    });
  });

  test("is the same as authorization server metadata (RFC 8414)", async () => {
    auth0 = await startDevAuth0();
    expect(await discover(".well-known/oauth-authorization-server")).toEqual(await discover());
  });

  test("leaves out and changes what the tenant's options say", async () => {
    auth0 = await startDevAuth0({ metadata: { revocation_endpoint: undefined, scopes_supported: ["openid"] } });
    const document = await discover();
    expect(document).not.toHaveProperty("revocation_endpoint");
    expect(document.scopes_supported).toEqual(["openid"]);
    expect(document.issuer).toBe(auth0.issuer);
  });

  test("and the keys may be read by any page, and the keys are public ones", async () => {
    auth0 = await startDevAuth0();
    const response = await fetch(`${auth0.issuer}.well-known/jwks.json`, {
      headers: { Origin: "https://example.com" },
    });
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    const { keys } = (await response.json()) as { keys: object[] };
    expect(keys).toEqual([
      { kty: "RSA", use: "sig", alg: "RS256", kid: expect.any(String), n: expect.any(String), e: "AQAB" },
    ]);
  });
});
