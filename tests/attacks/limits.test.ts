import { ResourceTemplate } from "@modelcontextprotocol/server";
import { describe, expect, it } from "vitest";
import { register } from "../../packages/mcp-env-auth/src/proxy/testing/mcp-client.ts";
import { addressOf, useAttackedServer } from "../support/attacked-server.ts";
import { sendBytes, sendRaw } from "../support/raw-http.ts";

const attacked = useAttackedServer();
const FORM = "application/x-www-form-urlencoded";
const KILOBYTES_65 = 65 * 1024;

describe("a body that is too large is refused before it is understood", () => {
  it.each([
    ["/register", "application/json", (size: number) => JSON.stringify({ padding: "x".repeat(size) })],
    ["/token", FORM, (size: number) => `grant_type=${"x".repeat(size)}`],
    ["/revoke", FORM, (size: number) => `token=${"x".repeat(size)}`],
    ["/consent", FORM, (size: number) => `request=${"x".repeat(size)}`],
    ["/authorize", FORM, (size: number) => `client_id=${"x".repeat(size)}`],
  ] as const)("at %s", async (path, type, make) => {
    const headers = { "Content-Type": type };
    const answer = await fetch(`${attacked.origin}${path}`, { method: "POST", headers, body: make(KILOBYTES_65) });
    expect([answer.status, answer.headers.get("cache-control")]).toEqual([413, "no-store"]);
  });

  it("when its length is a promise that is not kept", async () => {
    const answer = await sendRaw(attacked.origin, {
      method: "POST",
      path: "/token",
      headers: { "Content-Type": FORM, "Content-Length": "99999999999" },
      body: "a=b",
    });
    expect(answer.status).toBe(413);
  });

  it("at the MCP endpoint, in chunks without a length, for a good token", async () => {
    const { accessToken } = await attacked.login();
    const chunk = new Uint8Array(64 * 1024).fill(0x20);
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        sent += chunk.length;
        if (sent > 6 * 1024 * 1024) {
          controller.close();
        } else {
          controller.enqueue(chunk);
        }
      },
    });
    const answer = await fetch(attacked.resource, {
      method: "POST",
      headers: { Authorization: `Bearer ${accessToken}`, "Content-Type": "application/json" },
      body,
      duplex: "half",
    } as RequestInit);
    expect(answer.status).toBe(413);
  });
});

describe("what is deep, long or many costs no more than what is refused", () => {
  it("JSON that is nested fifty thousand times", async () => {
    const { accessToken } = await attacked.login();
    const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
    const registration = await fetch(`${attacked.origin}/register`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: nested(30_000),
    });
    expect(registration.status).toBe(400);
    for (const body of [
      nested(50_000),
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"whoami","arguments":{"a":${nested(50_000)}}}}`,
    ]) {
      const answer = await attacked.server.call(accessToken, body);
      expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining("more than 500 levels")]);
    }
    expect((await attacked.server.call(accessToken)).status).toBe(200);
  });

  it("a URI that a template could divide in more ways than can be tried", async () => {
    const entangled = await attacked.launch({
      register: (server) =>
        server.registerResource(
          "log",
          new ResourceTemplate("log://{service}-{env}-{region}-{zone}", { list: undefined }),
          {},
          (_uri, { service }) => `of ${service}`,
        ),
    });
    const { accessToken } = await entangled.getSession();
    const read = async (uri: string) => {
      const body = { jsonrpc: "2.0", id: 1, method: "resources/read", params: { uri } };
      return (await entangled.call(accessToken, body)).text();
    };
    expect(await read(`log://${"-".repeat(2000)}/`)).toContain("A URI is longer than 98 characters");
    expect(await read("log://api-live-eu-1")).toContain("of api");
    await entangled.close();
  });

  it("a form of ten thousand parameters", async () => {
    const body = Array.from({ length: 10_000 }, (_, index) => `p${index}=`)
      .join("&")
      .slice(0, 60_000);
    const headers = { "Content-Type": FORM };
    expect((await fetch(`${attacked.origin}/token`, { method: "POST", headers, body })).status).toBe(400);
  });

  it("a batch of ten thousand calls", async () => {
    const { accessToken } = await attacked.login();
    const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "none", arguments: {} } };
    const answer = await attacked.server.call(accessToken, Array(10_000).fill(call));
    expect(answer.status).toBeLessThan(500);
  });

  it("headers of a hundred kilobytes", async () => {
    const request = `GET /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nX-Large: ${"x".repeat(100_000)}\r\n\r\n`;
    // Node closes the connection on what is still on its way, so that its answer may be lost with it.
    const answer = await sendBytes(attacked.origin, request).catch((error: Error) => error.message);
    expect(answer).toMatch(/^HTTP\/1\.1 431 |ECONNRESET|EPIPE/);
    expect((await fetch(`${attacked.origin}/healthz`)).status).toBe(200);
  });

  it("an Authorization header that makes a regular expression go back and forth", async () => {
    for (const text of [
      `${"a".repeat(7000)}!`,
      `${"=".repeat(7000)}!`,
      `${" ".repeat(7000)}!`,
      `${"a=".repeat(3000)} `,
    ]) {
      const headers = { Authorization: `Bearer ${text}` };
      expect((await sendRaw(attacked.origin, { method: "POST", path: "/mcp", headers })).status).toBe(401);
    }
  });

  it("a redirect URI that makes a regular expression go back and forth", async () => {
    for (const uri of [
      `https://a.example/${"%2e".repeat(160)}`,
      `http://[${":".repeat(400)}]/`,
      `a${"+.-".repeat(150)}`,
    ]) {
      const { status } = await register(addressOf(attacked.server), { redirect_uris: [uri] });
      expect([201, 400]).toContain(status);
    }
  });

  it("CVE-2025-61920: a client assertion or a token whose parts are huge", async () => {
    const huge = `${"A".repeat(30_000)}.${"B".repeat(15_000)}.${"C".repeat(10_000)}`;
    const assertion = await fetch(`${attacked.origin}/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "refresh_token",
        refresh_token: "x",
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion: huge,
      }),
    });
    expect([400, 401]).toContain(assertion.status);
    const client = await attacked.client();
    expect((await client.refresh(huge)).body.error).toBe("invalid_grant");
    expect(
      (await client.redeem(`${"A".repeat(60)}..${"B".repeat(16)}.${"C".repeat(50_000)}.${"D".repeat(22)}`)).body.error,
    ).toBe("invalid_grant");
    expect((await attacked.server.call("A".repeat(15_000))).status).toBe(401);
  });

  it.each([
    ["state", "s".repeat(2049), "invalid_request"],
    ["scope", "openid ".repeat(200), "invalid_scope"],
  ])("a %s that is too long for the way back", async (name, value, error) => {
    const client = await attacked.client();
    const answer = await fetch(client.authorizeUrl({ [name]: value }), { redirect: "manual" });
    expect(new URL(answer.headers.get("location") ?? "").searchParams.get("error")).toBe(error);
  });
});
