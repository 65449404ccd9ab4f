import { describe, expect, it } from "vitest";
import { useAttackedServer } from "../support/attacked-server.ts";
import { sendRaw } from "../support/raw-http.ts";

const attacked = useAttackedServer({
  env: { FASTMCP_SERVER_AUTH_AUTH0_REQUIRED_SCOPES: "openid,weather:read,offline_access" },
});

const INITIALIZE = { jsonrpc: "2.0", id: 1, method: "initialize", params: {} };
const BODIES: [string, string][] = [
  ["initialize", JSON.stringify(INITIALIZE)],
  ["server/discover", JSON.stringify({ jsonrpc: "2.0", id: 1, method: "server/discover", params: {} })],
  ["tools/list", JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" })],
  ["a notification", JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })],
  ["a batch", JSON.stringify([INITIALIZE, INITIALIZE])],
  ["an unknown method", JSON.stringify({ jsonrpc: "2.0", id: 1, method: "no/such" })],
  ["no JSON at all", "\u0000\u0001<xml/>"],
  ["nothing", ""],
];

describe("without a token, the MCP endpoint gives a challenge and nothing else", () => {
  it.each(BODIES)("to a POST of %s", async (_name, body) => {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(attacked.resource, { method: "POST", headers, body });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer scope="[^"]+", resource_metadata="[^"]+"$/);
    expect(await answer.text()).not.toMatch(/whoami|In process/);
  });

  it.each(["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "TRACE"])("to %s", async (method) => {
    const answer = await sendRaw(attacked.origin, { method, path: "/mcp" });
    expect(answer.status).toBe(401);
    expect(answer.headers["www-authenticate"]).toContain("resource_metadata=");
  });

  it("to a request that names a session", async () => {
    const headers = { "Mcp-Session-Id": "1868a90c-0000-4000-8000-000000000000" };
    expect((await fetch(attacked.resource, { headers })).status).toBe(401);
  });
});

describe("a challenge", () => {
  it("has no error when no credentials were sent, and invalid_token when bad ones were", async () => {
    const bare = await attacked.server.call(undefined);
    expect(bare.headers.get("www-authenticate")).not.toContain("error");
    const bad = await attacked.server.call("not-a-token");
    expect(bad.headers.get("www-authenticate")).toMatch(/^Bearer error="invalid_token", /);
  });

  it("is never answered to a wrong scheme with the words of that scheme", async () => {
    const headers = { Authorization: "Basic YWxpY2U6c2VjcmV0" };
    const answer = await fetch(attacked.resource, { method: "POST", headers });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer /);
    expect(await answer.text()).not.toContain("YWxpY2U6c2VjcmV0");
  });

  it("leads to metadata that is there, for exactly the URL that was challenged", async () => {
    const challenge = (await attacked.server.call(undefined)).headers.get("www-authenticate") ?? "";
    const url = /resource_metadata="([^"]+)"/.exec(challenge)?.[1] ?? "";
    const metadata = (await (await fetch(url)).json()) as Record<string, unknown>;
    expect(metadata.resource).toBe(attacked.resource);
    expect(metadata.authorization_servers).toEqual([attacked.issuer]);
  });

  it("never asks for offline_access, and neither does the metadata", async () => {
    const challenge = (await attacked.server.call(undefined)).headers.get("www-authenticate") ?? "";
    const metadata = await fetch(`${attacked.origin}/.well-known/oauth-protected-resource`);
    const { scopes_supported } = (await metadata.json()) as { scopes_supported: string[] };
    expect(scopes_supported).not.toContain("offline_access");
    expect(challenge).toContain("weather:read");
    expect(challenge).not.toContain("offline_access");
  });

  it("does not meet a token without offline_access, which clients are never told to ask for", async () => {
    const { accessToken } = await attacked.login("alice", "openid weather:read");
    expect((await attacked.server.call(accessToken)).status).toBe(200);
  });
});

describe("metadata", () => {
  const paths = [
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-protected-resource/mcp",
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
  ];

  it.each(paths)("%s is not shaped by Host or X-Forwarded headers", async (path) => {
    const plain = await sendRaw(attacked.origin, { path });
    const spoofed = await sendRaw(attacked.origin, {
      path,
      headers: {
        Host: "localhost:1",
        Forwarded: "host=evil.example;proto=https",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/evil",
        "X-Original-URL": "/evil",
      },
    });
    expect([plain.status, spoofed.status]).toEqual([200, 200]);
    expect(spoofed.text).toBe(plain.text);
  });

  it("of the authorization server promises S256 alone, code alone, and iss", async () => {
    const answer = await fetch(`${attacked.origin}/.well-known/oauth-authorization-server`);
    expect(await answer.json()).toMatchObject({
      issuer: attacked.issuer,
      code_challenge_methods_supported: ["S256"],
      response_types_supported: ["code"],
      authorization_response_iss_parameter_supported: true,
    });
  });

  it("tells nothing of the provider's application", async () => {
    for (const path of paths) {
      const text = await (await fetch(`${attacked.origin}${path}`)).text();
      expect(text).not.toContain(attacked.auth0.clientId);
      expect(text).not.toContain(attacked.auth0.issuer);
    }
  });

  it.each(["/.well-known/", "/.well-known/oauth-protected-resource/other", "/.well-known/jwks.json", "/.env"])(
    "is not at %s",
    async (path) => {
      expect((await fetch(`${attacked.origin}${path}`)).status).toBe(404);
    },
  );
});
