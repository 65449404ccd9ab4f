import { describe, expect, it } from "vitest";
import { callEndpoint, jsonOf } from "../testing/call-endpoint.ts";
import { useProxy } from "../testing/proxy-fixture.ts";

const fixture = useProxy();
const METHODS = ["none", "client_secret_post", "client_secret_basic", "private_key_jwt"];
const ALGORITHMS = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];

const WELL_KNOWN = "/.well-known/oauth-authorization-server";

async function metadataAt(path: string): Promise<Record<string, unknown>> {
  const { status, body } = await jsonOf(callEndpoint(fixture.server.proxy.endpoints, path));
  expect([path, status]).toEqual([path, 200]);
  return body;
}

describe("authorization server metadata", () => {
  it("describes the server as it is", async () => {
    const { address } = fixture.server;
    expect(await metadataAt(WELL_KNOWN)).toEqual({
      issuer: `${address}/`,
      authorization_endpoint: `${address}/authorize`,
      token_endpoint: `${address}/token`,
      registration_endpoint: `${address}/register`,
      revocation_endpoint: `${address}/revoke`,
      scopes_supported: ["weather:read", "weather:write", "openid", "offline_access"],
      response_types_supported: ["code"],
      response_modes_supported: ["query"],
      grant_types_supported: ["authorization_code", "refresh_token"],
      token_endpoint_auth_methods_supported: METHODS,
      token_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
      revocation_endpoint_auth_methods_supported: METHODS,
      revocation_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
      client_id_metadata_document_supported: true,
      code_challenge_methods_supported: ["S256"],
      dpop_signing_alg_values_supported: ALGORITHMS,
      authorization_response_iss_parameter_supported: true,
    });
  });

  it("is the same at every address that a client may derive", async () => {
    const oauth = await metadataAt(WELL_KNOWN);
    expect(await metadataAt(`${WELL_KNOWN}/mcp`)).toEqual(oauth);
    const expected = {
      ...oauth,
      jwks_uri: `${fixture.server.address}/.well-known/jwks`,
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
    };
    for (const path of [
      "/.well-known/openid-configuration",
      "/.well-known/openid-configuration/mcp",
      "/mcp/.well-known/openid-configuration",
    ]) {
      expect(await metadataAt(path)).toEqual(expected);
    }
  });

  it("has the members that OpenID Connect Discovery 1.0 section 3 requires under its name, without any key", async () => {
    const metadata = await metadataAt("/.well-known/openid-configuration");
    for (const member of [
      ...["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "response_types_supported"],
      ...["subject_types_supported", "id_token_signing_alg_values_supported"],
    ]) {
      expect(metadata).toHaveProperty(member);
    }
    expect(await metadataAt(new URL(String(metadata.jwks_uri)).pathname)).toEqual({ keys: [] });
  });

  it("is at the addresses of an issuer with a path, and of a server under one", async () => {
    const issuer = "https://mcp.example.com/tenant";
    fixture.server.restart({
      issuer,
      baseUrl: "https://mcp.example.com/api",
      resource: "https://mcp.example.com/api/mcp",
    });
    for (const path of [
      "/.well-known/oauth-authorization-server/tenant",
      "/.well-known/openid-configuration/tenant",
      "/tenant/.well-known/openid-configuration",
      "/.well-known/oauth-authorization-server/api/mcp",
      "/.well-known/oauth-authorization-server/mcp",
    ]) {
      expect(await metadataAt(path)).toMatchObject({ issuer, token_endpoint: "https://mcp.example.com/api/token" });
    }
  });

  it("is served before the provider is known, and not cached then", async () => {
    fixture.server.restart({ upstream: () => undefined });
    expect(await callEndpoint(fixture.server.proxy.endpoints, WELL_KNOWN)).toMatchObject({
      status: 200,
      headers: { "Cache-Control": "no-store" },
      body: { json: { scopes_supported: ["weather:read", "weather:write", "openid"] } },
    });
  });

  it("names no scopes where there are none, rather than an empty list (RFC 8414 section 3.2)", async () => {
    fixture.server.restart({ upstream: () => undefined, scopesSupported: [] });
    expect(await metadataAt(WELL_KNOWN)).not.toHaveProperty("scopes_supported");
  });
});
