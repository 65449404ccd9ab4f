import { describe, expect, it } from "vitest";
import { ConfigError } from "../../errors.ts";
import { createRedirectPolicy, isStillAllowed } from "./redirect-policy.ts";

function allows(patterns: readonly string[] | undefined, uri: string): boolean {
  return isStillAllowed(createRedirectPolicy(patterns), uri);
}

describe("Security rule 4: the list of allowed redirect URIs is compared part by part", () => {
  it("allows every registered redirect URI without a list, and none with an empty one", () => {
    expect(allows(undefined, "https://client.example.com/cb")).toBe(true);
    expect(allows([], "https://client.example.com/cb")).toBe(false);
    expect(allows([], "http://127.0.0.1/cb")).toBe(false);
  });

  it.each([
    ["http://localhost:*", "http://localhost:1234/callback"],
    ["http://localhost:*/callback", "http://localhost:1234/callback"],
    ["http://localhost", "http://localhost:1234/callback"],
    ["http://127.0.0.1/callback", "http://127.0.0.1:55555/callback"],
    ["https://claude.ai/api/mcp/auth_callback", "https://claude.ai/api/mcp/auth_callback"],
    ["https://claude.ai/api/*", "https://claude.ai/api/mcp/auth_callback"],
    ["https://*.example.com/cb", "https://a.example.com/cb"],
    ["https://*.example.com/cb", "https://a.b.example.com/cb"],
    ["https://*.example.com", "https://a.example.com/any/path?and=query"],
    ["https://*/cb", "https://client.example.com/cb"],
    ["HTTPS://Client.Example.com/cb", "https://client.example.com/cb"],
    ["https://client.example.com:*/cb", "https://client.example.com:8443/cb"],
    ["https://client.example.com/cb", "https://client.example.com:443/cb"],
    ["cursor://*", "cursor://anysphere.cursor-retrieval/oauth/callback"],
    [
      "cursor://anysphere.cursor-retrieval/oauth/*/callback",
      "cursor://anysphere.cursor-retrieval/oauth/user-1/callback",
    ],
    ["com.example.app:/cb", "com.example.app:/cb"],
    ["https://client.example.com/*/a/*/b", "https://client.example.com/x/a/y/a/b"],
    ["https://client.example.com/*a*a", "https://client.example.com/aa"],
    ["https://client.example.com/**", "https://client.example.com/"],
    ["https://vscode.dev/redirect?a=b", "https://vscode.dev/redirect?a=b"],
    ["https://vscode.dev/redirect", "https://vscode.dev/redirect"],
    ["https://claude.com/api/mcp/auth_callback", "https://claude.com/api/mcp/auth_callback"],
    ["https://chatgpt.com/connector/oauth/*", "https://chatgpt.com/connector/oauth/kDmjx77UnKOM"],
    ["cursor://anysphere.cursor-mcp/*", "cursor://anysphere.cursor-mcp/oauth/callback"],
    ["http://localhost/oauth/callback", "http://localhost:6274/oauth/callback"],
    ["http://[::1]:*", "http://[::1]:5000/callback"],
    ["*", "https://client.example.com/cb"],
  ])("%s allows %s", (pattern, uri) => {
    expect(allows([pattern], uri)).toBe(true);
  });

  it.each([
    ["http://localhost:*", "https://localhost.evil.example/callback"],
    ["http://localhost:*", "http://127.0.0.1:1/callback"],
    ["http://localhost:*/callback", "http://localhost:1/callback/more"],
    ["http://localhost:3000", "http://localhost:3001/"],
    ["https://*.example.com/cb", "https://example.com/cb"],
    ["https://*.example.com/cb", "https://.example.com/cb"],
    ["https://*.example.com/cb", "https://evilexample.com/cb"],
    ["https://*.example.com/cb", "https://evil.example/.example.com/cb"],
    ["https://*.example.com/*", "https://evil.example/?x=.example.com/"],
    ["https://client.example.com/cb", "https://client.example.com/cb?more=1"],
    ["https://client.example.com/cb", "https://client.example.com/cbx"],
    ["https://client.example.com/c.b", "https://client.example.com/cxb"],
    ["https://client.example.com/*a*a", "https://client.example.com/a"],
    ["https://client.example.com/ab*ba", "https://client.example.com/aba"],
    ["https://client.example.com/*/a/*/b", "https://client.example.com/x/b/y/a"],
    ["https://client.example.com/", "https://client.example.com/cb"],
    ["https://client.example.com/cb", "https://client.example.com:8443/cb"],
    ["https://client.example.com/cb", "http://client.example.com/cb"],
    ["cursor://*", "vscode://host/cb"],
    ["cursor://anysphere.cursor-mcp/*", "cursor://evil/anysphere.cursor-mcp/oauth/callback"],
    ["https://claude.ai/*", "https://claude.ai.evil.example/api/mcp/auth_callback"],
    ["https://claude.ai/*", "https://claude.ai@evil.example/api/mcp/auth_callback"],
    ["https://claude.ai/*", "https://evil.example/https://claude.ai/"],
    ["https://claude.ai/*", "https://claude.ai:8443/api/mcp/auth_callback"],
    ["https://claude.ai/api/*", "https://claude.ai/other?/api/"],
    ["https://claude.ai/api/*", "https://claude.ai/api/../other"],
    ["https://*", "http://client.example.com/cb"],
    ["http://localhost:*", "http://localhost.evil.example:80/"],
    ["http://localhost:*", "http://localhost:1@evil.example/"],
    ["*", "javascript:alert(1)"],
  ])("%s does not allow %s", (pattern, uri) => {
    expect(allows([pattern], uri)).toBe(false);
  });

  it.each(["https://*example.com/cb", "https://a.*.com/cb", "localhost:*/cb x", "//host/cb", "https://host/#part", ""])(
    "refuses the pattern %j at start, since it could never match",
    (pattern) => {
      expect(() => createRedirectPolicy([pattern])).toThrow(ConfigError);
    },
  );
});
