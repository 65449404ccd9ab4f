import { describe, expect, it } from "vitest";
import { createOAuthUpstreamClient } from "./oauth-client.ts";
import { type Answer, startProvider } from "./testing/provider-server.ts";
import { recordingLogger } from "./testing/recording-logger.ts";
import { newLogin, startAuth0, upstreamError, VARIABLES } from "./testing/upstream-client.ts";
import type { UpstreamErrorKind } from "./upstream-client.ts";

const SECRET = "the-client-secret";

async function clientOf(answer: Answer, timeout?: number) {
  const provider = await startProvider(answer);
  const client = createOAuthUpstreamClient({
    authorizationEndpoint: `${provider.origin}/authorize`,
    tokenEndpoint: `${provider.origin}/token`,
    revocationEndpoint: `${provider.origin}/revoke`,
    clientId: "one",
    clientSecret: SECRET,
    tokenEndpointAuthMethod: "client_secret_post",
    variables: VARIABLES,
    timeout,
    logger: recordingLogger(),
  });
  return { provider, client };
}

const exchange = () => ({ ...newLogin(["read"]), code: "the-code" });
const token = { access_token: "the-access-token", token_type: "Bearer" };

describe("what the provider refuses", () => {
  const table: [number, unknown, UpstreamErrorKind][] = [
    [400, { error: "invalid_grant" }, "invalid_grant"],
    [403, { error: "invalid_grant", error_description: "Invalid authorization code" }, "invalid_grant"],
    [401, { error: "invalid_grant" }, "invalid_grant"],
    [401, { error: "invalid_client" }, "credentials"],
    [400, { error: "invalid_client" }, "credentials"],
    [403, { error: "unauthorized_client" }, "credentials"],
    [401, { error: "access_denied", error_description: "Unauthorized" }, "credentials"],
    [401, "no JSON", "credentials"],
    [403, { error: "access_denied" }, "rejected"],
    [401, { error: "deleted_client", error_description: "The OAuth client was deleted." }, "rejected"],
    [
      401,
      { error: "invalid_client", error_description: "AADSTS7000222: The client secret keys are expired" },
      "credentials",
    ],
    [400, { error: "invalid_request" }, "rejected"],
    [400, { error: "invalid_scope" }, "rejected"],
    [404, "not found", "rejected"],
    [302, "", "rejected"],
    [200, { error: "bad_verification_code" }, "invalid_grant"],
    [200, { error: "incorrect_client_credentials" }, "credentials"],
    [400, { error: "temporarily_unavailable" }, "unavailable"],
    [408, "", "unavailable"],
    [429, { error: "too_many_requests" }, "unavailable"],
    [500, { error: "invalid_grant" }, "unavailable"],
    [502, "<html>", "unavailable"],
    [503, "", "unavailable"],
  ];
  it.each(table)("with %i and %j is %s", async (status, body, kind) => {
    const { client } = await clientOf(() =>
      typeof body === "string" ? { status, text: body } : { status, json: body },
    );
    const refusal = { kind, message: expect.stringContaining(String(status)) };
    expect(await upstreamError(client.exchangeCode(exchange()))).toMatchObject(refusal);
    expect(await upstreamError(client.refresh("the-refresh-token", ["read"]))).toMatchObject(refusal);
    expect(await upstreamError(client.revoke("the-refresh-token", "refresh_token"))).toMatchObject(refusal);
  });

  it.each([
    [400, { error: "a_code_of_its_own" }],
    [400, { error: { message: "Error validating access token", type: "OAuthException" } }],
    [200, { ok: false, error: "token_revoked" }],
    [400, { status: 400, message: "Invalid refresh token" }],
    [401, { status: 401, message: "Invalid refresh token" }],
    [401, { serviceErrorCode: 65601, message: "The token used in the request has been revoked", status: 401 }],
    [400, { error: "invalid_request", error_description: "The provided refresh token is expired" }],
    [403, { error: "unauthorized_client", error_description: "refresh_token is invalid" }],
    [400, { status: "BAD_REFRESH_TOKEN", message: "missing or invalid refresh token" }],
    [401, { detail: "Refresh token has expired" }],
    [401, { detail: "Token is invalid or expired", code: "token_not_valid" }],
    [400, { code: 400, error_code: "refresh_token_not_found", msg: "Invalid Refresh Token: Refresh Token Not Found" }],
    [401, { reason: "Invalid Token!", error: "invalid_request" }],
    [400, { reason: "Invalid Token!", error: "invalid_grant" }],
    [401, { reason: "Token is invalid", error: "invalid_request" }],
    [400, { error: "invalid_request", reason: "Refresh token invalid." }],
    [403, { error: "session_gone", error_description: "The user ended it" }],
    [403, { error: "login_required" }],
    [401, { error: "invalid_token" }],
    [403, { error: "invalid_token" }],
    [401, { success: false, errors: [{ errorType: "expired_token", message: "no" }] }],
    [403, { error: "Forbidden", message: "The user is disabled" }],
    [400, { error: "Session not found" }],
    [403, { error: "The refresh token has expired" }],
    [
      400,
      { error: "invalid_grant", error_description: "AADSTS700082: The refresh token has expired", error_codes: [] },
    ],
    [400, { error: "interaction_required", error_description: "AADSTS50076: You must use multi-factor" }],
  ])("at a refresh, %i with %j ends the session, whatever the provider's words", async (status, body) => {
    const { client } = await clientOf(() =>
      typeof body === "string" ? { status, text: body } : { status, json: body },
    );
    expect(await upstreamError(client.refresh("the-refresh-token", ["read"]))).toMatchObject({ kind: "invalid_grant" });
  });

  it.each([
    [400, "<html>"],
    [401, "<html>"],
    [403, "<html>"],
    [403, "blocked"],
    [403, '<!doctype html><a href="/login?client=a&error=invalid_grant&access_token=b">'],
    [404, "<html>"],
    [405, "<html>"],
    [302, ""],
    [307, "<html>"],
    [200, "<html>"],
    [200, '<a href="/login?x=a&access_token=b&y=">'],
    [200, ""],
    [200, {}],
    [400, ""],
    [403, ""],
    [400, {}],
    [403, { message: "Forbidden" }],
    [403, { detail: "You do not have permission to perform this action." }],
    [422, { detail: [{ loc: ["body", "refresh_token"], msg: "field required" }] }],
    [404, { detail: "Not Found" }],
    [403, { statusCode: 403, message: "Forbidden resource", error: "Forbidden" }],
    [400, { timestamp: "2026-08-01", status: 400, error: "Bad Request", path: "/token" }],
    [403, { type: "about:blank", title: "Access denied", status: 403, detail: "A rule of the firewall" }],
    [403, { error: { code: 403, message: "The caller does not have permission", status: "PERMISSION_DENIED" } }],
    [403, { error: "too_many_requests" }],
    [403, { error: "Request blocked", message: "A rule of the firewall" }],
    [403, { error: "AccessDenied", message: "A rule of the firewall" }],
    [403, { error: "ip_not_allowed" }],
    [404, { error: "not_found" }],
    [404, { error: "no_such_route" }],
    [406, { error: "Access denied | auth.example.com restricts access" }],
    [403, { errorCode: "E0000006", errorSummary: "You do not have permission to perform the requested action" }],
    [403, { status: 403, message: "invalid client secret" }],
    [403, { message: "The request of this user agent was blocked" }],
  ])(
    "%i with %j is an answer of something else: it says nothing about the code or refresh token",
    async (status, body) => {
      const { client } = await clientOf(() =>
        typeof body === "string" ? { status, text: body } : { status, json: body },
      );
      const noVerdict = { kind: "rejected", about: "answer" };
      expect(await upstreamError(client.refresh("the-refresh-token", ["read"]))).toMatchObject(noVerdict);
      expect(await upstreamError(client.exchangeCode(exchange()))).toMatchObject(noVerdict);
    },
  );

  it("401 without a word of OAuth is about the credentials, and says nothing about the refresh token", async () => {
    for (const body of ["", "Unauthorized", "{}", '{"error":"Unauthorized"}']) {
      const { client } = await clientOf(() => ({ status: 401, text: body }));
      const refused = await upstreamError(client.refresh("the-refresh-token", ["read"]));
      expect(refused).toMatchObject({ kind: "credentials", about: "answer" });
    }
  });

  it.each([400, 403])("with %i and a limit's word is an outage", async (status) => {
    for (const error of ["temporarily_unavailable", "slow_down", "rate_limit_exceeded", "ratelimited"]) {
      const { client } = await clientOf(() => ({ status, json: { error } }));
      expect((await upstreamError(client.refresh("the-refresh-token", ["read"]))).kind).toBe("unavailable");
    }
  });

  it("a web page in place of a revocation's answer is no revocation", async () => {
    const { client } = await clientOf(() => ({ text: "<html>Log in", headers: { "content-type": "text/html" } }));
    expect(await upstreamError(client.revoke("the-refresh-token", "refresh_token"))).toMatchObject({ about: "answer" });
    const empty = await clientOf(() => ({ text: "", headers: { "content-type": "text/html" } }));
    expect(await empty.client.revoke("the-refresh-token", "refresh_token")).toBe(true);
  });

  it("at token exchange is about the audience where it says so, not about credentials (Keycloak)", async () => {
    const { client } = await clientOf(() => ({
      status: 400,
      json: { error: "invalid_client", error_description: "Audience not found" },
    }));
    expect(await upstreamError(client.exchangeCode(exchange()))).toMatchObject({ kind: "rejected" });
  });

  it("at a login is about the code where Zoom says so, and about the request where it says less", async () => {
    for (const [reason, kind] of [
      ["Invalid authorization code", "invalid_grant"],
      ["Invalid Token!", "rejected"],
      ["Redirect URI mismatch.", "rejected"],
    ]) {
      const { client } = await clientOf(() => ({ status: 400, json: { reason, error: "invalid_request" } }));
      expect((await upstreamError(client.exchangeCode(exchange()))).kind, reason).toBe(kind);
    }
  });

  it("keeps a new refresh token that comes without an access token, out of sight", async () => {
    const { client } = await clientOf(() => ({ json: { refresh_token: "the-new-one" } }));
    const error = await upstreamError(client.refresh("the-refresh-token", ["read"]));
    expect(error).toMatchObject({ kind: "unavailable" });
    expect(error.refreshToken).toBe("the-new-one");
    expect(JSON.stringify({ ...error, message: error.message })).not.toContain("the-new-one");
  });

  it("is told with the provider's own code and words", async () => {
    const { client, provider } = await clientOf(() => ({
      status: 400,
      json: { error: "invalid_grant", error_description: "The code\r\nhas expired" },
    }));
    const error = await upstreamError(client.exchangeCode(exchange()));
    expect(error.code).toBe("invalid_grant");
    expect(error.message).toBe(`${provider.origin}/token answered 400 invalid_grant (The code has expired).`);
  });

  it("is refused with a challenge too (RFC 6749 section 5.2)", async () => {
    const { client } = await clientOf(() => ({
      status: 401,
      headers: { "www-authenticate": 'Basic realm="provider"' },
      json: { error: "invalid_client" },
    }));
    expect(await upstreamError(client.exchangeCode(exchange()))).toMatchObject({ kind: "credentials" });
  });
});

describe("a provider that can't be reached", () => {
  it("is unavailable: connection refused", async () => {
    const { client, provider } = await clientOf(() => undefined);
    await provider.close();
    for (const call of [
      client.exchangeCode(exchange()),
      client.refresh("the-refresh-token", []),
      client.revoke("the-refresh-token", "refresh_token"),
      client.checkCredentials("http://localhost:8000/auth/callback"),
    ]) {
      expect(await upstreamError(call)).toMatchObject({
        kind: "unavailable",
        message: expect.stringContaining("ECONNREFUSED"),
      });
    }
  });

  it.each(["hanging", "half-open", "down"] as const)("is unavailable: %s", async (fault) => {
    const { auth0, client } = await startAuth0({ timeout: 0.1 });
    auth0.misbehave({ token: fault, revoke: fault });
    for (const call of [
      client.exchangeCode(exchange()),
      client.refresh("the-refresh-token", []),
      client.revoke("the-refresh-token", "refresh_token"),
      client.checkCredentials("http://localhost:8000/auth/callback"),
    ]) {
      expect((await upstreamError(call)).kind).toBe("unavailable");
    }
  });
});

describe("an answer that breaks the protocol is rejected", () => {
  it.each([
    ["a web page", { text: "<html>", headers: { "content-type": "text/html" } }],
    ["a list", { json: [token] }],
    ["no access token", { json: { token_type: "Bearer" } }],
    ["too much", { json: { ...token, padding: "x".repeat(600_000) } }],
  ])("%s", async (_title, answer) => {
    const { client } = await clientOf(() => answer);
    const error = await upstreamError(client.exchangeCode(exchange()));
    expect(error.kind).toBe("rejected");
    expect(error.message).not.toContain("the-access-token");
    expect(error.cause).toBeUndefined();
  });
});

describe("an answer with tokens", () => {
  it("may have null and empty members for what is absent", async () => {
    const { client } = await clientOf(() => ({
      json: { ...token, refresh_token: null, expires_in: null, scope: "", id_token: null },
    }));
    expect(await client.exchangeCode(exchange())).toEqual({ accessToken: "the-access-token" });
  });

  it("may come with another status of success", async () => {
    const { client } = await clientOf(() => ({ status: 201, json: token }));
    expect(await client.exchangeCode(exchange())).toEqual({ accessToken: "the-access-token" });
  });

  it.each([
    [{ refresh_expires_in: 1800 }, 1800],
    [{ refresh_token_expires_in: "1800" }, 1800],
    [{ refresh_expires_in: 0 }, undefined],
    [{}, undefined],
  ])("says how long the refresh token lives: %j", async (members, refreshExpiresIn) => {
    const { client } = await clientOf(() => ({ json: { ...token, refresh_token: "r", expires_in: "60", ...members } }));
    expect(await client.refresh("the-refresh-token", [])).toEqual({
      accessToken: "the-access-token",
      refreshToken: "r",
      expiresIn: 60,
      ...(refreshExpiresIn !== undefined && { refreshExpiresIn }),
    });
  });
});

describe("a refresh", () => {
  it("asks for the scopes of the login, and for those granted when the provider finds that too much", async () => {
    const { client, provider } = await clientOf(({ form }) =>
      form.scope === undefined ? { json: token } : { status: 400, json: { error: "invalid_scope" } },
    );
    expect(await client.refresh("the-refresh-token", ["read", "write"])).toEqual({ accessToken: "the-access-token" });
    expect(provider.requests.map(({ form }) => form.scope)).toEqual(["read write", undefined]);
  });
});

describe("Security rule 11: nothing secret in errors", () => {
  it("takes codes, tokens, verifiers and secrets out of what the provider says", async () => {
    const { client } = await clientOf(({ form }) => ({
      status: 400,
      json: { error: "invalid_request", error_description: `You sent ${new URLSearchParams(form)}` },
    }));
    const login = exchange();
    const messages = [
      await upstreamError(client.exchangeCode(login)),
      await upstreamError(client.refresh("the-refresh-token", ["read"])),
      await upstreamError(client.revoke("the-refresh-token", "refresh_token")),
    ].map(({ message }) => message);
    expect(messages.every((message) => message.includes("[removed]"))).toBe(true);
    for (const secret of [SECRET, login.code, login.codeVerifier, "the-refresh-token"]) {
      expect(messages.join()).not.toContain(secret);
    }
  });

  it("keeps no cause that holds the provider's answer", async () => {
    const { client } = await clientOf(() => ({ json: { ...token, access_token: 5 } }));
    expect((await upstreamError(client.exchangeCode(exchange()))).cause).toBeUndefined();
  });
});
