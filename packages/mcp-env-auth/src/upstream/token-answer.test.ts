import { describe, expect, it } from "vitest";
import { readTokenAnswer } from "./token-answer.ts";

const answer = (body: unknown, status = 200) =>
  readTokenAnswer({ status, headers: new Headers(), body: typeof body === "string" ? body : JSON.stringify(body) });

describe("tokens", () => {
  it.each([
    ["token_type is absent", { access_token: "a" }],
    ["token_type is another word", { access_token: "a", token_type: "user" }],
    ["the answer is form-encoded", "access_token=a&token_type=bearer"],
    ["there are nulls and empty texts", { access_token: "a", refresh_token: null, scope: "", error: "" }],
    ["Slack says ok", { ok: true, access_token: "a" }],
    ["a status comes along", { access_token: "a", status: 200 }],
    ["a message comes along", { access_token: "a", message: "welcome" }],
    ["an expiry says nothing", { access_token: "a", expires_in: 0 }],
    ["an expiry is negative", { access_token: "a", expires_in: -1 }],
    ["an expiry is a word", { access_token: "a", expires_in: "never" }],
  ])("are read where %s", (_what, body) => {
    expect(answer(body)).toEqual({ outcome: "tokens", members: { access_token: "a", token_type: "bearer" } });
  });

  it("keep what else there is, in the types of RFC 6749", () => {
    const body = {
      access_token: "a",
      refresh_token: "r",
      expires_in: "3600",
      scope: ["read", "write"],
      id_token: "i",
      refresh_token_expires_in: "60",
    };
    expect(answer(body)).toEqual({
      outcome: "tokens",
      members: { ...body, token_type: "bearer", expires_in: 3600, scope: "read write", refresh_token_expires_in: 60 },
    });
    expect(answer("access_token=a&scope=read%2Cwrite&expires_in=60")).toMatchObject({
      members: { scope: "read write", expires_in: 60 },
    });
  });
});

describe("a refusal", () => {
  it.each([
    [
      "RFC 6749",
      400,
      { error: "invalid_grant", error_description: "no" },
      { code: "invalid_grant", description: "no" },
    ],
    [
      "GitHub",
      200,
      { error: "bad_refresh_token", error_description: "no" },
      { code: "bad_refresh_token", description: "no" },
    ],
    [
      "GitHub, form-encoded",
      200,
      "error=bad_refresh_token&error_description=no",
      { code: "bad_refresh_token", description: "no" },
    ],
    ["Slack", 200, { ok: false, error: "invalid_code" }, { code: "invalid_code" }],
    [
      "Facebook",
      400,
      { error: { message: "used", type: "OAuthException", code: 100 } },
      { code: "OAuthException", description: "used" },
    ],
    [
      "Facebook with 200",
      200,
      { error: { message: "used", type: "OAuthException" } },
      { code: "OAuthException", description: "used" },
    ],
    ["Twitch", 400, { status: 400, message: "Invalid refresh token" }, { description: "Invalid refresh token" }],
    [
      "Twitch with 200",
      200,
      { status: 400, message: "Invalid refresh token" },
      { description: "Invalid refresh token" },
    ],
    ["LinkedIn", 401, { serviceErrorCode: 65601, message: "revoked", status: 401 }, { description: "revoked" }],
    [
      "Fitbit",
      400,
      { success: false, errors: [{ errorType: "invalid_grant", message: "Refresh token invalid" }] },
      { code: "invalid_grant", description: "Refresh token invalid" },
    ],
    [
      "Zoom",
      401,
      { reason: "Invalid Token!", error: "invalid_request" },
      { code: "invalid_request", description: "Invalid Token!" },
    ],
    [
      "HubSpot",
      400,
      { status: "BAD_REFRESH_TOKEN", message: "missing or invalid refresh token" },
      { description: "missing or invalid refresh token" },
    ],
    ["FastAPI", 401, { detail: "Refresh token has expired" }, { description: "Refresh token has expired" }],
    ["FastAPI's validation", 422, { detail: [{ msg: "no" }] }, {}],
    [
      "Supabase",
      400,
      { code: 400, error_code: "refresh_token_not_found", msg: "Invalid Refresh Token: Refresh Token Not Found" },
      { description: "Invalid Refresh Token: Refresh Token Not Found" },
    ],
    ["an empty list of errors", 400, { errors: [] }, {}],
    ["a list of what are none", 400, { errors: ["invalid_grant", null] }, {}],
    ["a list in the place of a code", 400, { error: ["invalid_grant"] }, {}],
    ["a page", 403, "<html>", {}],
    ["a token that comes with an error", 200, { access_token: "a", error: "invalid_grant" }, { code: "invalid_grant" }],
  ] as const)("of %s is read", (_who, status, body, refusal) => {
    expect(answer(body, status)).toEqual({ outcome: "refused", refusal });
  });
});

describe("a success without an access token", () => {
  it("is malformed, and loses no new refresh token", () => {
    expect(answer({ refresh_token: "r" })).toEqual({ outcome: "malformed", refreshToken: "r" });
    expect(answer({ access_token: 5, refresh_token: "r" })).toEqual({ outcome: "malformed", refreshToken: "r" });
    for (const body of ["", "<html>", "null", "[]", {}]) {
      expect(answer(body)).toEqual({ outcome: "malformed" });
    }
  });
});
