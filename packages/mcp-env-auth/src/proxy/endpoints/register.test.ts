import { describe, expect, it } from "vitest";
import { callEndpoint, jsonOf } from "../testing/call-endpoint.ts";
import { McpClient, REDIRECT_URI } from "../testing/mcp-client.ts";
import { useProxy } from "../testing/proxy-fixture.ts";

const fixture = useProxy();
const redirect_uris = [REDIRECT_URI];

const register = (json: unknown) => jsonOf(callEndpoint(fixture.server.proxy.endpoints, "/register", { json }));

describe("registration", () => {
  it("answers a public client with what was registered, and keeps nothing", async () => {
    const { status, body, headers } = await register({ redirect_uris });
    expect([status, headers]).toEqual([201, { "Cache-Control": "no-store" }]);
    expect(body).toEqual({
      client_id: expect.any(String),
      client_id_issued_at: fixture.clock.now(),
      redirect_uris,
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
    });
    expect(body.client_id).not.toMatch(/^https?:/);
  });

  it("takes what today's clients send, and ignores fields that it has no use for", async () => {
    const { body } = await register({
      redirect_uris: ["http://localhost/", "http://127.0.0.1:33418/", "https://vscode.dev/redirect"],
      client_name: "Visual Studio Code",
      client_uri: "https://code.visualstudio.com",
      logo_uri: "javascript:alert(1)",
      grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
      application_type: "native",
      scope: "",
      contacts: null,
    });
    expect(body).toMatchObject({ client_name: "Visual Studio Code", application_type: "native" });
    expect(body).not.toHaveProperty("scope");
    expect(body).not.toHaveProperty("logo_uri");
    expect(body.grant_types).toEqual(["authorization_code", "refresh_token"]);
  });

  it.each(["client_secret_post", "client_secret_basic"])(
    "gives a secret for %s, and the same one again",
    async (method) => {
      const { body } = await register({ redirect_uris, token_endpoint_auth_method: method });
      expect(body).toMatchObject({
        token_endpoint_auth_method: method,
        client_secret: expect.stringMatching(/^[\w-]{43}$/),
        client_secret_expires_at: 0,
      });
    },
  );

  it("leaves out offline_access where the provider does not offer it, or is not known yet", async () => {
    const { upstream } = fixture.server.options;
    const found = upstream();
    const client = found && { ...found.client, metadata: { ...found.client.metadata, scopesSupported: ["openid"] } };
    for (const known of [found && client && { ...found, client }, undefined]) {
      fixture.server.restart({ upstream: () => known });
      const { body } = await register({ redirect_uris, scope: "weather:read offline_access" });
      expect(body.scope).toBe("weather:read");
      expect((await register({ redirect_uris, scope: "offline_access" })).body).not.toHaveProperty("scope");
    }
  });

  it("leaves out scopes that this server does not have, and keeps the others and offline_access", async () => {
    const { body } = await register({ redirect_uris, scope: "weather:read admin offline_access" });
    expect(body.scope).toBe("weather:read offline_access");
    expect((await register({ redirect_uris, scope: "admin" })).body).not.toHaveProperty("scope");
  });

  it.each([
    ["a\nb", "a b"],
    ["a\u202egpj.exe", "agpj.exe"],
    ["\u00ad\u2060\u3164", undefined],
  ])("cleans the name %j", async (name, clean) => {
    const { status, body } = await register({ redirect_uris, client_name: name });
    expect([status, body.client_name]).toEqual([201, clean]);
  });

  it("takes all scopes that the server advertises, and forgets them where the client id would be too long", async () => {
    for (const [count, kept] of [
      [60, true],
      [400, false],
    ] as const) {
      const scopes = Array.from({ length: count }, (_, n) => `weather:stations:read:${n}`);
      fixture.server.restart({ scopesSupported: scopes });
      const { status, body } = await register({ redirect_uris, scope: scopes.join(" ") });
      expect([status, body.scope]).toEqual([201, kept ? scopes.join(" ") : undefined]);
    }
  });

  it.each([
    ["no object", [], "invalid_client_metadata"],
    ["null", null, "invalid_client_metadata"],
    ["no redirect URIs", {}, "invalid_redirect_uri"],
    ["an empty list", { redirect_uris: [] }, "invalid_redirect_uri"],
    ["one that is no list", { redirect_uris: REDIRECT_URI }, "invalid_redirect_uri"],
    ["one that is no string", { redirect_uris: [1] }, "invalid_redirect_uri"],
    [
      "too many",
      { redirect_uris: Array.from({ length: 21 }, (_, n) => `${REDIRECT_URI}${n}`) },
      "invalid_redirect_uri",
    ],
    ["an unsafe scheme beside a good one", { redirect_uris: [REDIRECT_URI, "javascript:x"] }, "invalid_redirect_uri"],
    ["http on the internet", { redirect_uris: ["http://client.example.com/"] }, "invalid_redirect_uri"],
    ["a web client on loopback", { redirect_uris, application_type: "web" }, "invalid_redirect_uri"],
    [
      "a web client with a scheme of its own",
      { redirect_uris: ["cursor://host/cb"], application_type: "web" },
      "invalid_redirect_uri",
    ],
    ["an unknown application type", { redirect_uris, application_type: "tv" }, "invalid_client_metadata"],
    ["no code grant", { redirect_uris, grant_types: ["client_credentials"] }, "invalid_client_metadata"],
    ["no code response", { redirect_uris, response_types: ["token"] }, "invalid_client_metadata"],
    ["grant types that are no list", { redirect_uris, grant_types: "authorization_code" }, "invalid_client_metadata"],
    ["an unknown method", { redirect_uris, token_endpoint_auth_method: "tls_client_auth" }, "invalid_client_metadata"],
    ["a name that is too long", { redirect_uris, client_name: "x".repeat(201) }, "invalid_client_metadata"],
    ["a name that is no text", { redirect_uris, client_name: {} }, "invalid_client_metadata"],
    ["a scope that is too long", { redirect_uris, scope: "x ".repeat(600) }, "invalid_client_metadata"],
    ["a scope that is a list", { redirect_uris, scope: ["weather:read"] }, "invalid_client_metadata"],
  ])("refuses %s", async (_what, metadata, error) => {
    const { status, body } = await register(metadata);
    expect([status, body.error]).toEqual([400, error]);
    expect(body.error_description).toMatch(/\w{3}/);
  });

  it("refuses what would make a client id of more than 2,600 characters", async () => {
    const long = (count: number) =>
      Array.from({ length: count }, (_, n) => `https://client.example.com/${n}/${"a".repeat(400)}`);
    const { status, body } = await register({ redirect_uris: long(5) });
    expect([status, body.error]).toEqual([400, "invalid_client_metadata"]);
    expect(body.error_description).toContain("too long");
    const fits = await register({ redirect_uris: long(4) });
    expect(String(fits.body.client_id).length).toBeLessThanOrEqual(2600);
  });

  it("takes a scheme of its own from a native client, and from one that does not say", async () => {
    const uris = { redirect_uris: ["cursor://anysphere.cursor-retrieval/oauth/callback"] };
    expect((await register(uris)).status).toBe(201);
    expect((await register({ ...uris, application_type: "native" })).status).toBe(201);
  });
});

describe("Security rule 4: redirect URIs that the operator does not allow", () => {
  it("can't be registered, and the answer names the setting", async () => {
    fixture.server.restart({ allowedClientRedirectUris: ["https://claude.ai/*"] });
    const { body } = await register({ redirect_uris });
    expect(body.error).toBe("invalid_redirect_uri");
    expect(body.error_description).toContain("ALLOWED_CLIENT_REDIRECT_URIS");
    await expect(
      McpClient.register(fixture.server, { redirect_uris: ["https://claude.ai/api/mcp/auth_callback"] }),
    ).resolves.toBeDefined();
  });
});
