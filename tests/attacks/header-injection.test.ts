import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { locationOf } from "../../packages/mcp-env-auth/src/proxy/testing/mcp-client.ts";
import { formatBearerChallenge } from "../../packages/mcp-env-auth/src/resource-server/challenge.ts";
import { useAttackedServer } from "../support/attacked-server.ts";
import { sendBytes, sendRaw } from "../support/raw-http.ts";

const attacked = useAttackedServer();
const SPLIT = "a\r\nSet-Cookie: evil=1\r\nX-Evil: 1\r\n\r\n<h1>evil</h1>";

function expectUnsplit(headers: Readonly<Record<string, unknown>>): void {
  expect(JSON.stringify(headers["set-cookie"] ?? "")).not.toContain("evil");
  expect(headers).not.toHaveProperty("x-evil");
}

describe("a line break that a client sends splits no answer", () => {
  it.each(["state", "scope", "redirect_uri", "client_id", "resource", "response_type", "code_challenge", "nonce"])(
    "in %s at the authorization endpoint",
    async (name) => {
      const client = await attacked.client();
      const { pathname, search } = client.authorizeUrl({ [name]: SPLIT });
      const answer = await sendRaw(attacked.origin, { path: `${pathname}${search}` });
      expectUnsplit(answer.headers);
      expect(answer.status).toBeLessThan(500);
      expect(String(answer.headers.location ?? "")).toMatch(/^[\x21-\x7e]*$/);
    },
  );

  it("in the state of a login that succeeds", async () => {
    const redirect = await (await attacked.client()).authorize(undefined, "alice", { state: SPLIT });
    expect(redirect.searchParams.get("state")).toBe(SPLIT);
  });

  it.each(["code", "state", "error", "error_description", "iss"])("in %s at the callback", async (name) => {
    const query = new URLSearchParams({ [name]: SPLIT });
    const answer = await sendRaw(attacked.origin, { path: `/auth/callback?${query}` });
    expectUnsplit(answer.headers);
    expect(answer.status).toBeLessThan(500);
  });

  it("in what the provider says is wrong", async () => {
    attacked.auth0.misbehave({ authorize: { error: "access_denied", description: SPLIT } });
    const redirect = await (await attacked.client()).authorize();
    expect(redirect.searchParams.get("error_description") ?? "").toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/);
  });

  it("in the path", async () => {
    for (const path of ["/mcp/%0d%0aSet-Cookie:evil=1", "/mcp%0d%0aX-Evil:1/", "/%0d%0aX-Evil:%201"]) {
      const answer = await sendRaw(attacked.origin, { path });
      expectUnsplit(answer.headers);
      expect(answer.status).toBeLessThan(500);
    }
  });

  it("in a slash at the end, which redirects nowhere", async () => {
    const answer = await sendRaw(attacked.origin, { method: "POST", path: "/mcp/?x=%0d%0aX-Evil:1" });
    expect([answer.status, answer.headers.location]).toEqual([401, undefined]);
    expectUnsplit(answer.headers);
    for (const path of ["//evil.example/mcp/", "/\\evil.example/mcp/", "//evil.example/..%2fmcp/"]) {
      const answer = await sendRaw(attacked.origin, { path });
      expect([answer.status, answer.headers.location]).toEqual([404, undefined]);
    }
  });

  it("in the headers that a preflight asks for", async () => {
    const answer = await sendBytes(
      attacked.origin,
      `OPTIONS /token HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nOrigin: https://a.example\r\nAccess-Control-Request-Headers: a\rX-Evil: 1\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).not.toContain("X-Evil");
  });
});

describe("a quote that a client sends ends no parameter of a challenge", () => {
  it.each(['"', '\\"', '", scope="admin', "\\", "é", "\t"])("%j in the Authorization header", async (text) => {
    const headers = { Authorization: `Bearer ${text}` };
    const answer = await sendRaw(attacked.origin, {
      method: "POST",
      path: "/mcp",
      headers: { Authorization: Buffer.from(headers.Authorization, "utf8").toString("latin1") },
    });
    const challenge = String(answer.headers["www-authenticate"]);
    expect(answer.status).toBe(401);
    expect(challenge).toMatch(/^Bearer (?:\w+="[\x20\x21\x23-\x5b\x5d-\x7e]*"(?:, |$))+$/);
    expect(challenge).not.toContain("admin");
  });

  it("whatever text a challenge is made of (property)", () => {
    const text = fc.string({ unit: "binary", maxLength: 60 });
    fc.assert(
      fc.property(text, fc.array(text, { maxLength: 4 }), text, (description, scopes, resourceMetadata) => {
        const challenge = formatBearerChallenge({ error: "invalid_token", description, scopes, resourceMetadata });
        expect(challenge).toMatch(/^Bearer (?:\w+="[\x20\x21\x23-\x5b\x5d-\x7e]*"(?:, |$))+$/);
        expect(() => new Headers({ "WWW-Authenticate": challenge })).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });
});

describe("requests that two servers read differently are not answered twice", () => {
  it.each([
    ["Content-Length and Transfer-Encoding", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
    ["two lengths", "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"],
    ["a length with a sign", "Content-Length: +5\r\n\r\nhello"],
    ["a coding in disguise", "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"],
    ["a space before the colon", "Content-Length : 5\r\n\r\nhello"],
    ["a folded header", "X-A: 1\r\n Content-Length: 5\r\n\r\nhello"],
  ])("%s", async (_name, rest) => {
    const answer = await sendBytes(
      attacked.origin,
      `POST /token HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n${rest}GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`,
    );
    expect(answer.match(/HTTP\/1\.1 \d{3}/g)?.length).toBe(1);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
  });

  it("a redirect to the provider has what the request brought in none of its headers", async () => {
    const client = await attacked.client();
    const answer = await fetch(client.authorizeUrl({ response_type: "x\r\nX-Evil: 1" }), { redirect: "manual" });
    expect(answer.headers.has("x-evil")).toBe(false);
    expect(locationOf(answer).searchParams.get("error")).toBe("unsupported_response_type");
  });
});
