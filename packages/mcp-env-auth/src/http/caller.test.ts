import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import type { AccessToken } from "../access-token.ts";
import { OAuthError } from "../errors.ts";
import { authenticate, requireToken } from "./caller.ts";

const TOKEN: AccessToken = { token: "t", clientId: "c", scopes: [], expiresAt: 1, claims: {}, subject: "alice" };

describe("the token of an open stream", () => {
  it.each([
    ["invalid_token", false],
    ["temporarily_unavailable", true],
  ] as const)("is still good after %s: %s, since an outage is no verdict", async (code, good) => {
    let answer: () => Promise<AccessToken> = async () => TOKEN;
    const request = { headersDistinct: { authorization: ["Bearer t"] } } as unknown as IncomingMessage;
    const caller = await authenticate(request, requireToken(request), { verifier: { verify: () => answer() } });
    expect(await caller.streamToken.isGood()).toBe(true);
    answer = () => Promise.reject(new OAuthError(code, "No."));
    expect(await caller.streamToken.isGood()).toBe(good);
  });
});
