import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TestBrowser, useAttackedServer } from "../support/attacked-server.ts";
import { type RawRequest, sendRaw } from "../support/raw-http.ts";

/** The budget: whichever is used up first. */
const SECONDS = 30;
const REQUESTS = 10_000;
const attacked = useAttackedServer();

const PATHS = [
  "/mcp",
  "/mcp/",
  "/register",
  "/authorize",
  "/consent",
  "/auth/callback",
  "/token",
  "/revoke",
  "/healthz",
  "/readyz",
  "/.well-known/oauth-protected-resource",
  "/.well-known/oauth-protected-resource/mcp",
  "/.well-known/oauth-authorization-server",
  "/.well-known/openid-configuration",
  "/none",
];
const NAMES = [
  ...["client_id", "redirect_uri", "response_type", "state", "scope", "resource", "code_challenge", "request", "token"],
  ...["code_challenge_method", "grant_type", "code", "code_verifier", "refresh_token", "client_secret", "decision"],
  ...["client_assertion", "client_assertion_type", "error", "error_description", "iss", "response_mode", "prompt"],
];

/** What a server that was attacked knows and nobody else may see; and what a client of its own would send. */
async function collectSeeds(): Promise<{ good: string[]; secrets: string[] }> {
  const { client, accessToken, refreshToken } = await attacked.login();
  const browser = new TestBrowser();
  const form = await client.openConsent(browser);
  const code = (await client.authorize()).searchParams.get("code") ?? "";
  const cookies = [...browser.cookies].map(([name, value]) => `${name}=${value}`);
  return {
    good: [client.id, accessToken, refreshToken, form, code, client.redirectUri, attacked.resource, ...cookies],
    secrets: [attacked.auth0.clientSecret, accessToken, refreshToken, code],
  };
}

function requests(good: readonly string[]): fc.Arbitrary<RawRequest> {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.string({ maxLength: 2000 }),
    fc.constantFrom(...good),
    fc.constantFrom(
      "code",
      "authorization_code",
      "refresh_token",
      "S256",
      "none",
      "openid",
      "allow",
      "deny",
      "a".repeat(43),
    ),
  );
  const parameters = fc
    .array(
      fc.tuple(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...NAMES) }, { weight: 1, arbitrary: text }), text),
      {
        maxLength: 9,
      },
    )
    .map((pairs) => new URLSearchParams(pairs).toString());
  const message = fc
    .record({
      jsonrpc: fc.constantFrom("2.0", "1.0", 2),
      id: fc.oneof(fc.integer(), fc.string(), fc.constant(null)),
      method: fc.constantFrom(
        "initialize",
        "tools/list",
        "tools/call",
        "server/discover",
        "resources/read",
        "x",
        "ping",
      ),
      params: fc.oneof(
        fc.jsonValue(),
        fc.record({ name: fc.constantFrom("whoami", "x", "__proto__"), arguments: fc.jsonValue() }),
      ),
    })
    .map((value) => JSON.stringify(value));
  const registration = fc
    .record({
      redirect_uris: fc.oneof(fc.array(fc.oneof(fc.webUrl(), text), { maxLength: 3 }), fc.jsonValue()),
      client_name: fc.oneof(text, fc.jsonValue()),
      token_endpoint_auth_method: fc.constantFrom("none", "client_secret_post", "private_key_jwt", "x", 1),
      jwks: fc.jsonValue(),
      scope: fc.oneof(text, fc.jsonValue()),
    })
    .map((value) => JSON.stringify(value));
  const headerText = fc.oneof(fc.stringMatching(/^[\x21-\x7e]{0,80}$/), fc.constantFrom(...good));
  return fc
    .record({
      method: fc.constantFrom("GET", "POST", "POST", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"),
      path: fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom(...PATHS) },
        { weight: 1, arbitrary: fc.stringMatching(/^\/[!-"$-~]{0,40}$/) },
      ),
      query: parameters,
      body: fc.oneof(parameters, message, registration, fc.json(), fc.string({ unit: "binary" })),
      type: fc.constantFrom(
        "application/json",
        "application/x-www-form-urlencoded",
        "text/plain",
        "multipart/form-data",
        "",
      ),
      bearer: fc.option(headerText),
      accept: fc.constantFrom("text/html", "application/json", "application/json, text/event-stream", "*/*", ";;"),
      origin: fc.option(fc.constantFrom("null", "http://127.0.0.1:1", "https://evil.example", "x")),
      cookie: fc.option(headerText),
      session: fc.option(headerText),
    })
    .map(({ method, path, query, body, type, bearer, accept, origin, cookie, session }) => ({
      method,
      path: query === "" ? path : `${path}?${query}`,
      headers: {
        "Content-Type": type,
        Accept: accept,
        ...(bearer !== null && { Authorization: `Bearer ${bearer}` }),
        ...(origin !== null && { Origin: origin }),
        ...(cookie !== null && { Cookie: cookie }),
        ...(session !== null && { "Mcp-Session-Id": session }),
      },
      ...(method === "GET" || method === "HEAD" ? {} : { body }),
    }));
}

/** Documents for everybody may be kept, and so may what says how the server is. */
const isPublic = (path = "") => /^\/(?:\.well-known\/|healthz|readyz)/.test(path);

describe("whatever is sent to whichever endpoint", () => {
  it("no request ends the process, fails with 500, or is answered with a stack, a secret or something to keep", {
    timeout: 120_000,
  }, async () => {
    const { good, secrets } = await collectSeeds();
    let sent = 0;
    await fc.assert(
      fc.asyncProperty(requests(good), async (request) => {
        const answer = await sendRaw(attacked.origin, request);
        sent += 1;
        expect(answer.status).not.toBe(500);
        const told = `${JSON.stringify(answer.headers)}${answer.text}`;
        const said = JSON.stringify(request);
        expect(told).not.toMatch(/\n\s+at |node_modules|\.[jt]s:\d/);
        for (const secret of secrets) {
          if (!said.includes(secret)) {
            expect(told).not.toContain(secret);
          }
        }
        if (!isPublic(request.path) && request.method !== "OPTIONS" && answer.status !== 308) {
          expect(String(answer.headers["cache-control"])).toMatch(/no-store|no-cache/);
        }
      }),
      { numRuns: REQUESTS, interruptAfterTimeLimit: SECONDS * 1000, markInterruptAsFailure: false },
    );
    expect(sent).toBeGreaterThan(100);

    const log = JSON.stringify(attacked.server.lines);
    for (const secret of secrets) {
      expect(log).not.toContain(secret);
    }
    expect(
      attacked.server.lines.filter(({ level, message }) => level === "error" && /unexpectedly/.test(message)),
    ).toEqual([]);

    const { accessToken } = await attacked.login();
    expect((await attacked.server.call(accessToken)).status).toBe(200);
  });
});
