import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRedactor, REDACTED } from "./redaction.ts";

const SECRET = 'p@ss/w0rd+with=odd "chars" & 100%';
const JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";
const JWE = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..aXZpdml2aXZpdml2.Y2lwaGVydGV4dA.dGFndGFndGFndGFndGFn";

const isLongEnough = (secret: string) => secret.trim().length >= 8;

describe("Security rule 11: nothing secret in logs, errors, pages or URLs: a secret of this run", () => {
  const { redactText } = createRedactor([SECRET]);
  const form = new URLSearchParams({ x: SECRET }).toString().slice(2);

  it.each([
    ["as it is", SECRET],
    ["in the middle of a word", `x${SECRET}x`],
    ["URL-encoded", encodeURIComponent(SECRET)],
    ["URL-encoded in lower case", encodeURIComponent(SECRET).toLowerCase()],
    ["in a form", form],
    ["in JSON", JSON.stringify({ a: SECRET })],
    ["in hex", Buffer.from(SECRET).toString("hex")],
    ["in base64", Buffer.from(SECRET).toString("base64")],
    ["in base64url", Buffer.from(SECRET).toString("base64url")],
    ["in HTTP Basic credentials", `Basic ${Buffer.from(`my client:${SECRET}`).toString("base64")}`],
    ["in Basic credentials by RFC 6749", Buffer.from(`id:${form}`).toString("base64")],
  ])("is removed %s", (_how, text) => {
    const result = redactText(`before ${text} after`);
    expect(result).toContain(REDACTED);
    expect(result).toMatch(/^before .* after$/);
    for (const part of ["w0rd", "100", Buffer.from(SECRET).toString("base64").slice(8, 24)]) {
      expect(result).not.toContain(part);
    }
  });

  it("is removed from base64 wherever it stands in what is encoded", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (before, after) => {
        const encoded = Buffer.from(`${before}${SECRET}${after}`).toString("base64");
        const rest = redactText(encoded).replace(REDACTED, "");
        expect(rest.length).toBeLessThan(encoded.length - Buffer.from(SECRET).length);
      }),
    );
  });

  it("is removed whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 8, maxLength: 60 }).filter(isLongEnough), (secret) => {
        const redactor = createRedactor([secret]);
        expect(redactor.redactText(`<${secret}>`)).not.toContain(secret);
        expect(JSON.stringify(redactor.redact({ deep: [{ value: `<${secret}>` }] }))).not.toContain(
          JSON.stringify(secret).slice(1, -1),
        );
      }),
    );
  });

  it("is removed whole when another secret is a part of it", () => {
    expect(createRedactor(["abcdefgh", "abcdefghijkl"]).redactText("abcdefghijkl")).toBe(REDACTED);
  });

  it("may become known later", () => {
    const redactor = createRedactor();
    expect(redactor.redactText("late-secret")).toBe("late-secret");
    redactor.register("late-secret");
    expect(redactor.redactText("late-secret")).toBe(REDACTED);
  });

  it("is not looked for when it is too short to be told from text", () => {
    expect(createRedactor(["a", "", "secret"]).redactText("a secret banana")).toBe("a secret banana");
  });
});

describe("Security rule 11: nothing secret in logs, errors, pages or URLs: what looks like a credential", () => {
  const { redactText } = createRedactor();

  it.each([
    ["Authorization: Bearer abc123.def-456", `Authorization: Bearer ${REDACTED}`],
    ["authorization=bearer%20abc123def", `authorization=bearer%20${REDACTED}`],
    ["Authorization: Basic aWQ6c2VjcmV0", `Authorization: Basic ${REDACTED}`],
    ["DPoP AbCdEfGhIjKl", `DPoP ${REDACTED}`],
    [`the token ${JWT} is not good`, `the token ${REDACTED} is not good`],
    [`token_${JWT}`, `token_${REDACTED}`],
    [`cut off: ${JWT.slice(0, 30)}…`, `cut off: ${REDACTED}…`],
    [JWT.slice(0, 18), REDACTED],
    [`sealed: ${JWE}.`, `sealed: ${REDACTED}.`],
    [
      "/auth/callback?code=Xy-12_z&state=AbC&iss=https%3A%2F%2Fx",
      `/auth/callback?code=${REDACTED}&state=${REDACTED}&iss=https%3A%2F%2Fx`,
    ],
    ["client_id=a&client_secret=b&grant_type=c", `client_id=a&client_secret=${REDACTED}&grant_type=c`],
    ["token=a&token_type_hint=refresh_token", `token=${REDACTED}&token_type_hint=refresh_token`],
    [
      "refresh_token=a access_token=b id_token=c code_verifier=d",
      `refresh_token=${REDACTED} access_token=${REDACTED} id_token=${REDACTED} code_verifier=${REDACTED}`,
    ],
    ["client_assertion=a;password=b", `client_assertion=${REDACTED};password=${REDACTED}`],
    ['{"access_token":"opaque","expires_in":3600}', `{"access_token":"${REDACTED}","expires_in":3600}`],
    ['{"password":"a\\"b"}', `{"password":"${REDACTED}"}`],
    ['"{\\"refresh_token\\":\\"opaque\\"}"', `"{\\"refresh_token\\":\\"${REDACTED}\\"}"`],
    ['{"code":"SplxlOBeZQQYbYS6WxSbIA"}', `{"code":"${REDACTED}"}`],
    ["Cookie: a=1; __Host-mcp-login=x y", `Cookie: ${REDACTED}`],
    ['{"set-cookie":"a=1; HttpOnly"}', `{"set-cookie":"${REDACTED}"}`],
    ['Cookie: a="x"; b=y', `Cookie: ${REDACTED}`],
    ['user=a password="b \\"c" host=d', `user=a password=${REDACTED} host=d`],
    ["client_secret='it is' x", `client_secret=${REDACTED} x`],
    ['cut off: token="abc', `cut off: token=${REDACTED}`],
    ["redis://user:hunter2@redis:6379", `redis://user:${REDACTED}@redis:6379`],
    ["-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n", `${REDACTED}\n`],
  ])("is removed: %j", (text, expected) => expect(redactText(text)).toBe(expected));

  it.each([
    'Bearer resource_metadata="https://x.example/a", error="invalid_token"',
    "Basic authentication is off. Bearer tokens, too.",
    '{"code":"invalid_grant"} {"code":"ECONNREFUSED"}',
    "the client code 404 at https://mcp.example.com:8000/mcp",
    "Set FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET to the client secret",
    "a token that is no token: barcode=1",
  ])("is not seen in ordinary text: %j", (text) => expect(redactText(text)).toBe(text));
});

it("takes time in proportion to the text, whatever a client makes of it", () => {
  const { redactText } = createRedactor(["a-secret-of-this-run"]);
  for (const piece of [
    "eyJ",
    "://a:b",
    "Bearer ",
    "code=",
    "cookie:",
    "-----BEGIN PRIVATE KEY-----",
    '"token":"\\',
    'token="\\',
    "secret='",
    '\\"',
  ]) {
    redactText(piece.repeat(50_000));
  }
});

describe("Security rule 11: nothing secret in logs, errors, pages or URLs: logged data", () => {
  const redactor = createRedactor([SECRET]);
  const show = (value: unknown) => inspect(redactor.redact(value), { depth: 20 });

  it("loses its credentials by their names, at any depth", () => {
    expect(
      redactor.redact({
        authorization: "x",
        headers: { Cookie: "a=1", "set-cookie": ["a", "b"], host: "h" },
        body: [{ access_token: "x", refreshToken: "x", client_secret: 12, code: "Xy-1", token: null }],
        clientSecret: { nested: "x" },
        jwtSigningKey: "x",
      }),
    ).toEqual({
      authorization: REDACTED,
      headers: { Cookie: REDACTED, "set-cookie": REDACTED, host: "h" },
      body: [{ access_token: REDACTED, refreshToken: REDACTED, client_secret: REDACTED, code: REDACTED, token: null }],
      clientSecret: REDACTED,
      jwtSigningKey: REDACTED,
    });
  });

  it("keeps what is worth reading", () => {
    const fields = {
      code: "invalid_grant",
      status: 400,
      ok: true,
      none: null,
      tokens: 3,
      errno: -111,
      clientId: "abc",
    };
    expect(redactor.redact(fields)).toEqual(fields);
    expect(redactor.redact({ code: "ECONNREFUSED" })).toEqual({ code: "ECONNREFUSED" });
  });

  it("loses secrets in errors, their causes and what they hold", () => {
    const error = new Error(`failed: ${SECRET}`, { cause: new TypeError(`because ${SECRET}`) });
    Object.assign(error, { code: "EFAIL", request: { url: `https://x.example/?code=abc1` } });
    const copy = redactor.redact(new AggregateError([error], SECRET)) as { errors: [{ code: string; cause: object }] };
    expect(inspect(copy, { depth: 20 })).not.toMatch(/w0rd|abc1/);
    expect(copy.errors[0]).toMatchObject({
      name: "Error",
      message: `failed: ${REDACTED}`,
      code: "EFAIL",
      cause: { name: "TypeError", message: `because ${REDACTED}` },
    });
  });

  it("loses secrets in maps, sets, headers, URLs and names", () => {
    const value = {
      map: new Map([[SECRET, SECRET]]),
      set: new Set([SECRET]),
      headers: new Headers({ Authorization: "Bearer x", Accept: "a" }),
      url: new URL("https://x.example/?code=abc123"),
      query: new URLSearchParams({ token: "abc123" }),
      bytes: Buffer.from(SECRET),
      [SECRET]: 1,
    };
    expect(show(value)).not.toMatch(/w0rd|abc123/);
    expect(redactor.redact(value)).toMatchObject({
      headers: { accept: "a", authorization: REDACTED },
      bytes: "[33 bytes]",
    });
  });

  it("never throws: cycles, depth, getters, proxies and odd values", () => {
    const cycle: Record<string, unknown> = { a: 1n, f() {}, s: Symbol("x"), u: undefined };
    cycle.self = cycle;
    Object.defineProperty(cycle, "bad", {
      enumerable: true,
      get() {
        throw new Error(SECRET);
      },
    });
    expect(redactor.redact(cycle)).toEqual({
      a: "1",
      f: "[function]",
      s: "[symbol]",
      u: undefined,
      self: "[circular]",
      bad: "[unreadable]",
    });
    const hostile = new Proxy(
      {},
      {
        ownKeys() {
          throw new Error(SECRET);
        },
      },
    );
    expect(redactor.redact([hostile])).toEqual(["[unreadable]"]);
    let deep: unknown = SECRET;
    for (let level = 0; level < 50; level++) {
      deep = { deep };
    }
    expect(show(deep)).toContain("[deep]");
    const shared = { a: 1 };
    expect(redactor.redact([shared, shared])).toEqual([shared, shared]);
  });

  it("is a copy", () => {
    const value = { token: "x", list: ["y"] };
    redactor.redact(value);
    expect(value).toEqual({ token: "x", list: ["y"] });
  });
});
