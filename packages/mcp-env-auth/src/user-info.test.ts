import { describe, expect, it } from "vitest";
import { type AccessToken, runWithAccessToken, type UserClaims } from "./access-token.ts";
import { getUserInfo } from "./user-info.ts";

const token = (claims: AccessToken["claims"] = {}): AccessToken => ({
  token: "t",
  clientId: "c",
  scopes: [],
  expiresAt: 2_000_000_000,
  claims,
  subject: "auth0|alice",
});
const told = (claims: AccessToken["claims"], ask?: UserClaims) =>
  runWithAccessToken(token(claims), getUserInfo, undefined, ask);

describe("getUserInfo()", () => {
  it.each([
    [
      { name: "Alice", email: "a@example.com", email_verified: true, picture: "https://x/a.png" },
      { name: "Alice", email: "a@example.com", emailVerified: true, picture: "https://x/a.png" },
    ],
    [
      { given_name: "Alice", family_name: "Liddell", email_verified: "false" },
      { name: "Alice Liddell", emailVerified: false },
    ],
    // GitHub.
    [
      { login: "alice", name: null, email: null, avatar_url: "https://x/a.png" },
      { name: "alice", picture: "https://x/a.png" },
    ],
    [{ name: "", nickname: "al", email: 7, email_verified: "yes", picture: {} }, { name: "al" }],
    [{ name: "Alice", sub: "somebody else" }, { name: "Alice" }],
  ])("reads %j", async (claims, expected) => {
    expect(await told(claims)).toEqual({ subject: "auth0|alice", ...expected, claims });
    expect(await told({}, async () => claims)).toEqual({ subject: "auth0|alice", ...expected, claims });
  });

  it("takes nothing from the prototype of what it is told", async () => {
    const claims = JSON.parse('{"__proto__":{"name":"Mallory"},"email":"a@example.com"}');
    expect((await told(claims)).name).toBeUndefined();
  });

  it.each([
    [{ email: "a@example.com" }, { email: "a@example.com" }],
    [{ picture: "https://x/a.png" }, { picture: "https://x/a.png" }],
  ])("reads the token, where the provider leaves it to that: %j", async (claims, expected) => {
    expect(await told(claims, async () => undefined)).toEqual({ subject: "auth0|alice", ...expected, claims });
    await expect(told({ sub: "auth0|alice" }, async () => undefined)).rejects.toThrow(/tells nothing of its users/);
  });

  it("says what to do where nothing is told", async () => {
    await expect(told({ sub: "auth0|alice" })).rejects.toThrow(/tells nothing of its users here/);
  });

  it("is for handlers only", async () => {
    await expect(getUserInfo()).rejects.toThrow(/outside an authenticated MCP request/);
  });
});
