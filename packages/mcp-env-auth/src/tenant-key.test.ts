import { describe, expect, it } from "vitest";
import { type AccessToken, runWithAccessToken } from "./access-token.ts";
import { ToolError } from "./errors.ts";
import { tenantKey } from "./tenant-key.ts";

function keyOf(issuer: unknown, organization: string | undefined, ...parts: string[]): string {
  const token: AccessToken = {
    token: "",
    clientId: "client",
    scopes: [],
    expiresAt: 0,
    claims: { iss: issuer },
    subject: "alice",
    ...(organization !== undefined && { organization }),
  };
  return runWithAccessToken(token, () => tenantKey(...parts));
}

describe("tenantKey", () => {
  it("is the same for the same tenant and parts, and no other", () => {
    expect(keyOf("https://a/", "org_acme", "x")).toBe(keyOf("https://a/", "org_acme", "x"));
    expect(keyOf("https://a/", "org_acme")).not.toBe(keyOf("https://a/", "org_globex"));
    expect(keyOf("https://a/", "org_acme")).not.toBe(keyOf("https://b/", "org_acme"));
    expect(keyOf(undefined, "org_acme")).not.toBe(keyOf("", "org_acme"));
    expect(keyOf(undefined, "org_acme")).not.toBe(keyOf("null", "org_acme"));
  });

  it("tells any two lists apart, whatever separators, quotes and halves of characters they hold", () => {
    const texts = [
      "",
      "a",
      "b",
      "a,b",
      '"',
      '","',
      "\\",
      '\\"',
      ":",
      "]",
      "\u0000",
      "\ud800",
      "\udc00",
      "\ufffd",
      "ä",
      "a\u0308",
    ];
    const lists = [[], ...texts.map((text) => [text]), ...texts.flatMap((one) => texts.map((two) => [one, two]))];
    const keys = lists.flatMap((parts) => ["org", "or"].map((organization) => keyOf("i", organization, ...parts)));
    expect(new Set(keys).size).toBe(keys.length);
    // As bytes, too: what stores and hashes see.
    expect(new Set(keys.map((key) => Buffer.from(key).toString("hex"))).size).toBe(keys.length);
  });

  it("has no key for a login through no organization", () => {
    expect(() => keyOf("https://a/", undefined)).toThrow(ToolError);
  });

  it("has no key outside a request", () => {
    expect(() => tenantKey()).toThrow("outside an authenticated MCP request");
  });

  it("takes nothing but strings", () => {
    expect(() => keyOf("https://a/", "org_acme", undefined as unknown as string)).toThrow(TypeError);
  });
});
