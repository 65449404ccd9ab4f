import { connect } from "node:net";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type AccessToken, getAccessToken, type TokenVerifier } from "../access-token.ts";
import { createAccessPolicy } from "../authorization/access-policy.ts";
import { OPEN_RULE } from "../authorization/access-rule.ts";
import { createProofVerifier } from "../dpop/proof.ts";
import { createProofReplays } from "../dpop/replays.ts";
import { createProofKey } from "../dpop/testing/proof-key.ts";
import { OAuthError } from "../errors.ts";
import { systemClock } from "../lib/clock.ts";
import { silentLogger } from "../logger.ts";
import { createMcpExchange, type McpExchangeOptions } from "../sdk/mcp-exchange.ts";
import { createMemoryGuardStore } from "../store/memory-guard-store.ts";
import { extentOfValue } from "./body-extent.ts";
import type { TokenChecks } from "./caller.ts";
import { createMcpEndpoint, type McpEndpointOptions, type McpExchange, type McpService } from "./mcp-endpoint.ts";
import { createOpenStreams } from "./open-streams.ts";
import { createOriginPolicy } from "./origin-policy.ts";
import { type RawAnswer, send, serve } from "./testing/serve.ts";
import { toolCall } from "./testing/tool-call.ts";

const METADATA = "https://mcp.example.com/.well-known/oauth-protected-resource/mcp";
const JSON_HEADERS = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };

const reader: AccessToken = {
  token: "provider-token",
  clientId: "client",
  scopes: ["openid", "weather:read"],
  expiresAt: 2_000_000_000,
  claims: { sub: "alice" },
  subject: "alice",
};

async function start(options: Partial<McpEndpointOptions & McpExchangeOptions & TokenChecks> = {}) {
  const ownHandler = createMcpHandler(() => {
    const server = new McpServer({ name: "test", version: "1" });
    server.registerTool("whoami", {}, async () => ({ content: [{ type: "text", text: getAccessToken().subject }] }));
    server.registerTool("write", {}, async () => ({ content: [{ type: "text", text: "written" }] }));
    return server;
  });
  const verified: string[] = [];
  const verifier: TokenVerifier = {
    async verify(token) {
      verified.push(token);
      if (token === "unavailable") {
        throw new OAuthError("temporarily_unavailable", "Not known yet.", { retryAfter: 5 });
      }
      if (token === "narrow") {
        return { ...reader, scopes: [] };
      }
      if (token === "short") {
        return { ...reader, expiresAt: systemClock() + 0.2 };
      }
      if (token !== "good") {
        throw new OAuthError("invalid_token", 'Not "good".');
      }
      return reader;
    },
  };
  const exchange = createMcpExchange({
    handler: ownHandler,
    streams: createOpenStreams({ limit: 100, clock: systemClock, logger: silentLogger }),
    url: "https://mcp.example.com/mcp",
    resourceMetadata: METADATA,
    exchangeToken: undefined,
    ...options,
  });
  const endpoint = createMcpEndpoint({
    service: () => ({ exchange, checks: { verifier, ...options } }),
    protection: {
      requiredScopes: ["openid"],
      loginScopes: ["openid"],
      resourceMetadata: METADATA,
    },
    policy: createAccessPolicy(({ name }) =>
      name === "write" ? { ...OPEN_RULE, requiredScopes: ["weather:write"] } : undefined,
    ),
    originPolicy: createOriginPolicy({
      baseUrl: new URL("https://mcp.example.com"),
      allowedHosts: [],
      allowedOrigins: [],
    }),
    logger: silentLogger,
    ...options,
  });
  const origin = await serve((request, response) => void endpoint(request, response));
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    send(`${origin}/mcp`, {
      method: "POST",
      headers: { ...JSON_HEADERS, ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  return { origin, post, verified, endpoint };
}

const authorized = { Authorization: "Bearer good" };
const call = (name: string, id = 1) => ({ jsonrpc: "2.0", id, method: "tools/call", params: { name, arguments: {} } });
const modernCall = (name: string) => toolCall("2026-07-28", name).body;
const modernHeaders = (name: string) => ({
  ...authorized,
  "MCP-Protocol-Version": "2026-07-28",
  "Mcp-Method": "tools/call",
  "Mcp-Name": name,
});

describe("a request to the MCP endpoint", () => {
  it.each(["GET", "POST", "DELETE", "PUT", "OPTIONS"])(
    "without a token is challenged on %s, with scope and metadata and no error",
    async (method) => {
      const { origin } = await start();
      const answer = await send(`${origin}/mcp`, { method });
      expect(answer.status).toBe(401);
      expect(answer.headers["www-authenticate"]).toBe(`Bearer scope="openid", resource_metadata="${METADATA}"`);
      expect(answer.headers["cache-control"]).toBe("no-store");
    },
  );

  it("with a bad token is challenged with invalid_token, and the description can't end the header's value", async () => {
    const { post } = await start();
    const answer = await post(call("whoami"), { Authorization: "Bearer bad" });
    expect(answer.status).toBe(401);
    expect(answer.headers["www-authenticate"]).toBe(
      `Bearer error="invalid_token", error_description="Not 'good'.", scope="openid", resource_metadata="${METADATA}"`,
    );
    expect(JSON.parse(answer.body)).toEqual({ error: "invalid_token", error_description: 'Not "good".' });
  });

  it("that is refused for its token or its scopes is in the log with the reason, and without the token", async () => {
    const lines: [object, string][] = [];
    const logger = { ...silentLogger, info: (fields: object, message: string) => void lines.push([fields, message]) };
    const { post } = await start({ logger });
    await post(call("whoami"));
    await post(call("whoami"), { Authorization: "Bearer bad" });
    await post(call("write"), authorized);
    expect(lines).toEqual([
      [{ event: "token-refused", error: "invalid_token" }, 'Not "good".'],
      [
        { event: "scope-missing", needed: expect.arrayContaining(["weather:write"]) },
        expect.stringContaining("weather:write"),
      ],
    ]);
  });

  it("that gets 503 for an outage of the provider is in the log with the provider's reason, once a minute", async () => {
    const lines: [object, string][] = [];
    const logger = { ...silentLogger, warn: (fields: object, message: string) => void lines.push([fields, message]) };
    const verifier: TokenVerifier = {
      verify() {
        const cause = Object.assign(new Error("https://idp.example/introspect answered 500."), { kind: "unavailable" });
        throw new OAuthError("temporarily_unavailable", "Try again.", { retryAfter: 5, cause });
      },
    };
    const { post } = await start({ logger, verifier });
    for (const token of ["one", "two", "three"]) {
      const { status, body } = await post(call("whoami"), { Authorization: `Bearer ${token}` });
      expect([status, body.includes("idp.example")]).toEqual([503, false]);
    }
    const reason = "A token could not be checked. https://idp.example/introspect answered 500.";
    expect(lines).toEqual([[{ event: "token-unchecked" }, reason]]);
  });

  it("that is refused for its token is one line of the log for each reason, however many come", async () => {
    const lines: [object, string][] = [];
    const logger = { ...silentLogger, info: (fields: object, message: string) => void lines.push([fields, message]) };
    const verifier: TokenVerifier = {
      verify(token) {
        const fault = token.startsWith("issuer") ? "issuer" : "signature";
        const cause = Object.assign(new Error("x"), { fault });
        throw new OAuthError("invalid_token", `The token is of issuer ${token}.`, { cause });
      },
    };
    const { post } = await start({ logger, verifier });
    for (const token of ["issuer-1", "issuer-2", "x", "issuer-3", "y", "z"]) {
      expect((await post(call("whoami"), { Authorization: `Bearer ${token}` })).status).toBe(401);
    }
    expect(lines).toEqual([
      [{ event: "token-refused", error: "invalid_token", fault: "issuer" }, "The token is of issuer issuer-1."],
      [{ event: "token-refused", error: "invalid_token", fault: "signature" }, "The token is of issuer x."],
    ]);
  });

  it("tells its verifier the address that it came from", async () => {
    const addresses: (string | undefined)[] = [];
    const verifier: TokenVerifier = {
      async verify(_token, from) {
        addresses.push(from?.());
        return reader;
      },
    };
    const { post } = await start({ verifier });
    await post(call("whoami"), { ...authorized, "X-Forwarded-For": "203.0.113.1" });
    const proxied = await start({ verifier, trustedProxies: 1 });
    await proxied.post(call("whoami"), { ...authorized, "X-Forwarded-For": "198.51.100.7, 203.0.113.1:1234" });
    expect(addresses).toEqual(["127.0.0.1", "203.0.113.1"]);
  });

  it("answers 503 with Retry-After, and no challenge, while tokens can't be checked", async () => {
    const { post } = await start();
    const answer = await post(call("whoami"), { Authorization: "Bearer unavailable" });
    expect([answer.status, answer.headers["retry-after"]]).toEqual([503, "5"]);
    expect(answer.headers["www-authenticate"]).toBeUndefined();
  });

  it("ignores a token in the query", async () => {
    const { origin, verified } = await start();
    expect((await send(`${origin}/mcp?access_token=good`, { method: "POST" })).status).toBe(401);
    expect(verified).toEqual([]);
  });

  it("with a token that lacks a required scope is asked for all of them", async () => {
    const { post } = await start();
    const answer = await post(call("whoami"), { Authorization: "Bearer narrow" });
    expect(answer.status).toBe(403);
    expect(answer.headers["www-authenticate"]).toContain('error="insufficient_scope"');
    expect(answer.headers["www-authenticate"]).toContain('scope="openid"');
  });

  it("reaches the tool, which sees the token, in both protocol eras", async () => {
    const { post } = await start();
    const legacy = await post(call("whoami"), authorized);
    const modern = await post(modernCall("whoami"), modernHeaders("whoami"));
    expect(legacy.body).toContain('"alice"');
    expect(modern.body).toContain('"alice"');
  });
});

describe("a tool's scopes", () => {
  it("are judged from the body in the 2026-07-28 era, with exactly what the operation needs", async () => {
    const { post } = await start();
    const answer = await post(modernCall("write"), modernHeaders("write"));
    expect(answer.status).toBe(403);
    expect(answer.headers["www-authenticate"]).toContain('scope="openid weather:write"');
    expect(answer.headers["www-authenticate"]).toContain(METADATA);
  });

  it("are judged from the body even when the headers name another tool", async () => {
    const { post } = await start();
    expect((await post(modernCall("write"), modernHeaders("whoami"))).status).toBe(403);
  });

  it("ask a 2025 client for what it holds too, since it asks for just what the challenge names", async () => {
    const { post } = await start();
    const answer = await post(call("write"), authorized);
    expect(answer.status).toBe(403);
    expect(answer.headers["www-authenticate"]).toContain('scope="openid weather:read weather:write"');
  });

  it("are judged for every message of a batch, and nothing of a refused batch runs", async () => {
    const { post } = await start();
    const answer = await post([call("whoami"), call("write", 2)], authorized);
    expect(answer.status).toBe(403);
    expect(answer.body).not.toContain("alice");
  });
});

describe("a stream of subscriptions/listen", () => {
  const listen = { ...modernCall("whoami"), method: "subscriptions/listen" };
  const body = { ...listen, params: { ...listen.params, notifications: { toolsListChanged: true } } };
  const headers = { ...modernHeaders("whoami"), "Mcp-Method": "subscriptions/listen" };

  it("ends with the token it was opened with, without a result: the client opens it again", async () => {
    const { post } = await start();
    const answer = await post(body, { ...headers, Authorization: "Bearer short" });
    expect(answer.status).toBe(200);
    expect(answer.body).toContain("notifications/subscriptions/acknowledged");
    expect(answer.body).not.toContain('"result"');
  });

  it("makes room for another when its client ends it", async () => {
    const { origin } = await start();
    const statuses: number[] = [];
    for (let count = 0; count < 20; count += 1) {
      const client = new AbortController();
      const answer = await fetch(`${origin}/mcp`, {
        method: "POST",
        headers: { ...JSON_HEADERS, ...headers },
        body: JSON.stringify(body),
        signal: client.signal,
      });
      statuses.push(answer.status);
      client.abort();
    }
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  it("ends when the server stops, and a call in flight does not", async () => {
    let finish: (() => void) | undefined;
    const handler = createMcpHandler(() => {
      const server = new McpServer({ name: "test", version: "1" });
      server.registerTool("whoami", {}, async () => {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return { content: [{ type: "text", text: "finished" }] };
      });
      return server;
    });
    const streams = createOpenStreams({ limit: 100, clock: systemClock, logger: silentLogger });
    const { post } = await start({ handler, streams });
    const stream = post(body, headers);
    const call = post(modernCall("whoami"), modernHeaders("whoami"));
    await expect.poll(() => finish).toBeDefined();
    streams.endAll();
    expect((await stream).body).toContain("acknowledged");
    finish?.();
    expect((await call).body).toContain("finished");
  });
});

describe("Security rule 9: the token is checked before the body is read", () => {
  it("answers 401 while the client has not sent its body at all", async () => {
    const { origin } = await start();
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    socket.write(
      "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n",
    );
    const answer = await new Promise<string>((resolve) => socket.once("data", (data) => resolve(data.toString())));
    socket.destroy();
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  });

  it("answers malformed JSON with 401 without a token, and with a JSON-RPC parse error with one", async () => {
    const { post } = await start();
    expect((await post("{not json")).status).toBe(401);
    const answer = await post("{not json", authorized);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({ jsonrpc: "2.0", id: null, error: { code: -32700 } });
  });

  it("answers a body of 10 MB with 401 without a token, and with 413 with one", async () => {
    const { post } = await start();
    const body = JSON.stringify({ padding: "x".repeat(10 * 1024 * 1024) });
    expect((await post(body)).status).toBe(401);
    expect((await post(body, authorized)).status).toBe(413);
  });

  it("asks a client that waits for 100 (Continue) for its body when the token is good, and not before", async () => {
    const { origin } = await start();
    const text = JSON.stringify(call("whoami"));
    const ask = async (authorization: string) => {
      const socket = connect(Number(new URL(origin).port), "127.0.0.1");
      let received = "";
      socket.on("data", (chunk) => {
        received += chunk;
        if (received.endsWith("100 Continue\r\n\r\n")) {
          socket.end(text);
        }
      });
      const headers = Object.entries({ ...JSON_HEADERS, Host: "a", ...(authorization && { authorization }) });
      const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
      socket.write(`POST /mcp HTTP/1.1\r\n${lines}Expect: 100-continue\r\nContent-Length: ${text.length}\r\n\r\n`);
      await new Promise((resolve) => socket.on("close", resolve));
      return received.split("\r\n")[0];
    };
    expect(await ask("")).toBe("HTTP/1.1 401 Unauthorized");
    expect(await ask("Bearer wrong")).toBe("HTTP/1.1 401 Unauthorized");
    expect(await ask("Bearer good")).toBe("HTTP/1.1 100 Continue");
  });

  it("stops a chunked body at the limit", async () => {
    const { origin } = await start({ bodyLimit: 1000 });
    const answer = await send(`${origin}/mcp`, {
      method: "POST",
      headers: { ...JSON_HEADERS, ...authorized, "Transfer-Encoding": "chunked" },
      body: JSON.stringify({ padding: "x".repeat(5000) }),
    });
    expect(answer.status).toBe(413);
  });
});

describe("Security rule 9: a body that comes slowly", () => {
  async function callSlowly(verdicts: (() => AccessToken)[]) {
    vi.useFakeTimers({ toFake: ["performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const verify = vi.fn(async () => (verdicts.shift() as () => AccessToken)());
    const { origin } = await start({ verifier: { verify } });
    const text = JSON.stringify(call("write"));
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    const accept = "Accept: application/json, text/event-stream\r\nContent-Type: application/json";
    socket.write(`POST /mcp HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\n${accept}\r\n`);
    socket.write(`Connection: close\r\nContent-Length: ${text.length}\r\n\r\n{`);
    await expect.poll(() => verify.mock.calls.length).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    vi.advanceTimersByTime(200);
    socket.end(text.slice(1));
    let answer = "";
    for await (const chunk of socket) {
      answer += chunk;
    }
    return answer;
  }

  const writer = { ...reader, scopes: ["openid", "weather:write"] };

  it("is of no use to a token that was revoked meanwhile", async () => {
    const revoked = () => {
      throw new OAuthError("invalid_token", "The access token was revoked.");
    };
    expect(await callSlowly([() => writer, revoked])).toMatch(/^HTTP\/1\.1 401 /);
  });

  it("is judged by the scopes that its token has left", async () => {
    expect(await callSlowly([() => writer, () => reader])).toMatch(/^HTTP\/1\.1 403 /);
    expect(await callSlowly([() => writer, () => writer])).toContain("written");
  });
});

describe("a client that goes away while its token is checked", () => {
  /**
   * Posts a call, leaves while the verifier works, and gives what the SDK's handler was told, once the endpoint is
   * done.
   */
  async function leaveEarly(parsedBody?: unknown) {
    const asked: { readonly aborted: boolean }[] = [];
    const handler = {
      fetch: async ({ signal }: Request) => {
        asked.push({ aborted: signal.aborted });
        return new Response("{}");
      },
    };
    let leave!: () => void;
    const left = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const verifier = {
      async verify() {
        socket.destroy();
        await left;
        return reader;
      },
    };
    const { endpoint } = await start({ handler, verifier });
    let done: Promise<void> | undefined;
    const origin = await serve((request, response) => {
      response.once("close", () => setImmediate(leave));
      done = endpoint(request, response, parsedBody);
    });
    const text = JSON.stringify(call("whoami"));
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    const head = "POST /mcp HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\nContent-Type: application/json\r\n";
    socket.write(`${head}Content-Length: ${text.length}\r\n\r\n${text}`);
    await expect.poll(() => done !== undefined).toBe(true);
    await done;
    return asked;
  }

  it("is not waited for: its body will not come any more", async () => {
    expect(await leaveEarly()).toEqual([]);
  });

  it("leaves a request that has ended, where a framework has read the body", async () => {
    expect(await leaveEarly(call("whoami"))).toEqual([]);
  });
});

describe("what a request may not be", () => {
  it.each(["PUT", "PATCH"])("%s is refused without using up the proof of its token", async (method) => {
    const url = "https://mcp.example.com/mcp";
    const key = await createProofKey();
    const used: string[] = [];
    const store = createMemoryGuardStore({ clock: systemClock });
    const claim: typeof store.claim = (kind, id, ttl) => {
      used.push(kind);
      return store.claim(kind, id, ttl);
    };
    const replays = createProofReplays({ ...store, claim }, systemClock);
    const { origin } = await start({
      verifier: { verify: async () => ({ ...reader, jkt: key.jkt }) },
      proofs: { verify: createProofVerifier(replays, systemClock), urls: [url] },
    });
    const proof = await key.sign(method, url, { iat: systemClock(), accessToken: "good" });
    const headers = { Authorization: "DPoP good", DPoP: proof };
    for (let count = 0; count < 2; count++) {
      expect((await send(`${origin}/mcp`, { method, headers })).status).toBe(405);
    }
    expect(used).toEqual([]);
    const get = await key.sign("GET", url, { iat: systemClock(), accessToken: "good" });
    await send(`${origin}/mcp`, { headers: { Authorization: "DPoP good", DPoP: get } });
    expect(used).toEqual(["proof"]);
  });

  it.each(["PUT", "PATCH", "HEAD"])("%s is refused with the methods that there are", async (method) => {
    const { origin } = await start();
    const answer = await send(`${origin}/mcp`, { method, headers: authorized });
    expect([answer.status, answer.headers.allow]).toEqual([405, "POST, GET, DELETE"]);
  });

  it("one with a name or URI of endless length", async () => {
    const { post } = await start();
    const answer = await post(
      { ...call("x"), method: "resources/read", params: { uri: `a://${"/".repeat(5000)}` } },
      authorized,
    );
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: -32602 } });
  });

  it("one with a URI that takes long to match, however it is written", async () => {
    const { post } = await start({ maxUriLength: 50 });
    const read = (uri: string) => post({ ...call("x"), method: "resources/read", params: { uri } }, authorized);
    for (const uri of [`a://b/${"c".repeat(45)}`, `a://b/${"é".repeat(10)}`, "no uri".padEnd(51)]) {
      const answer = await read(uri);
      expect([answer.status, JSON.parse(answer.body).error.message], uri).toEqual([
        400,
        "A URI is longer than 50 characters, the most that this server's templates allow.",
      ]);
    }
    expect((await read(`a://b/${"c".repeat(44)}`)).body).not.toContain("longer than");
    expect((await post(call("x".repeat(51)), authorized)).body).not.toContain("longer than");
  });

  it("one that asks for more than can be judged in a moment", async () => {
    const { post } = await start();
    const uris = Array.from({ length: 201 }, (_, index) => `a://${index}`);
    const listen = { resourceSubscriptions: uris };
    for (const body of [
      uris.map((uri, id) => ({ jsonrpc: "2.0", id, method: "resources/read", params: { uri } })),
      { jsonrpc: "2.0", id: 1, method: "subscriptions/listen", params: { notifications: listen } },
    ]) {
      const answer = await post(body, authorized);
      expect([answer.status, JSON.parse(answer.body).error.code]).toEqual([400, -32602]);
    }
    expect((await post([call("whoami")], authorized)).status).toBe(200);
  });

  it("one of more values than are allowed, whichever way it comes, with both numbers and the setting", async () => {
    const fetch = vi.fn(async () => new Response("{}"));
    const { post, endpoint } = await start({ handler: { fetch }, maxBodyValues: 1000 });
    const empty = extentOfValue({ ...call("whoami"), params: { name: "whoami", arguments: { items: [] } } }).values;
    const holding = (values: number) => ({
      ...call("whoami"),
      params: { name: "whoami", arguments: { items: Array(values - empty + 1).fill(1) } },
    });
    let read: unknown;
    const origin = await serve((request, response) => void endpoint(request, response, read));
    const postRead = (body: unknown) => {
      read = body;
      return send(`${origin}/mcp`, { method: "POST", headers: { ...JSON_HEADERS, ...authorized } });
    };
    for (const ask of [(body: unknown) => post(body, authorized), postRead]) {
      expect((await ask(holding(1000))).status).toBe(200);
      const { status, body } = await ask(holding(1001));
      expect(status).toBe(413);
      expect(JSON.parse(body).error_description).toMatch(/ 1001 values, .* 1000 .*FASTMCP_MAX_BODY_VALUES/);
    }
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  it.each([
    ["numbers", [1]],
    ["null", ["weather://a", null]],
    ["lists", [["weather://a"]]],
    ["objects", [{ uri: "weather://a" }]],
  ])("a subscription to URIs that are no text: %s", async (_what, resourceSubscriptions) => {
    const fetch = vi.fn(async () => new Response("{}"));
    const { post } = await start({ handler: { fetch } });
    const body = {
      jsonrpc: "2.0",
      id: 1,
      method: "subscriptions/listen",
      params: { notifications: { resourceSubscriptions } },
    };
    for (const sent of [body, [body]]) {
      const answer = await post(sent, authorized);
      expect([answer.status, JSON.parse(answer.body).error.code]).toEqual([400, -32602]);
    }
    expect(fetch).not.toHaveBeenCalled();
  });

  it.each<[string, object]>([
    ["icons of its client", { method: "initialize", params: { clientInfo: { icons: Array(600).fill({}) } } }],
    ["_meta", { method: "tools/call", params: { name: "whoami", _meta: { icons: Array(600).fill({}) } } }],
    ["a prompt's arguments", { method: "prompts/get", params: { name: "p", arguments: Array(1200).fill(1) } }],
    ["what it is not asked for", { method: "ping", other: Array(1200).fill(1) }],
  ])("one that says more of itself than any client does: %s", async (_what, message) => {
    const fetch = vi.fn(async () => new Response("{}"));
    const { post } = await start({ handler: { fetch } });
    const body = { jsonrpc: "2.0", id: 1, ...message };
    for (const sent of [body, [body]]) {
      const answer = await post(sent, authorized);
      expect([answer.status, JSON.parse(answer.body).error.message]).toEqual([
        400,
        expect.stringContaining("more than 1000 values besides the arguments"),
      ]);
    }
    expect(fetch).not.toHaveBeenCalled();
  });

  it("one whose id is longer than an answer should repeat", async () => {
    const { post } = await start();
    const answer = await post({ ...call("whoami"), id: "i".repeat(201) }, authorized);
    expect([answer.status, answer.body.length < 200]).toEqual([400, true]);
    expect((await post({ ...call("whoami"), id: "i".repeat(200) }, authorized)).status).toBe(200);
  });

  it("a batch of more messages than are looked at in a moment", async () => {
    const fetch = vi.fn(async () => new Response("{}"));
    const { post } = await start({ handler: { fetch } });
    const batch = (count: number) => Array.from({ length: count }, () => ({ jsonrpc: "2.0", method: "a" }));
    const { status, body } = await post(batch(101), authorized);
    expect([status, JSON.parse(body).error.code, fetch.mock.calls.length]).toEqual([400, -32600, 0]);
    expect((await post(batch(100), authorized)).status).toBe(200);
  });

  it("one that is nested deeper than whatever walks it may go", async () => {
    const fetch = vi.fn(async () => new Response("{}"));
    const { post, endpoint } = await start({ handler: { fetch } });
    // The message, its params and the arguments are three levels.
    const nested = (levels: number) => {
      const text = JSON.stringify({ ...call("whoami"), params: { name: "whoami", arguments: { a: "@" } } });
      return text.replace('"@"', "[".repeat(levels - 3) + "]".repeat(levels - 3));
    };
    let read: string;
    const origin = await serve((request, response) => void endpoint(request, response, JSON.parse(read)));
    const postRead = (text: string) => {
      read = text;
      return send(`${origin}/mcp`, { method: "POST", headers: { ...JSON_HEADERS, ...authorized } });
    };
    for (const ask of [(text: string) => post(text, authorized), postRead]) {
      const { status, body } = await ask(nested(501));
      expect([status, JSON.parse(body).error]).toEqual([
        400,
        { code: -32600, message: "The body is nested more than 500 levels deep." },
      ]);
      expect((await ask(nested(500))).status).toBe(200);
    }
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  it("one whose body was read already: it fails at once, instead of waiting for what never comes", async () => {
    const endpoint = (await start()).endpoint;
    const origin = await serve((request, response) => {
      request.resume().once("end", () => void endpoint(request, response));
    });
    const answer = await send(`${origin}/mcp`, {
      method: "POST",
      headers: { ...JSON_HEADERS, ...authorized },
      body: "{}",
    });
    expect(answer.status).toBe(500);
  });
});

describe("Security rule 10: Origin at the MCP endpoint", () => {
  it("lets the page of a foreign Origin read its refusal, and a preflight for it pass", async () => {
    const { post } = await start();
    const Origin = "https://evil.example";
    const { status, headers } = await post(call("whoami"), { ...authorized, Origin });
    expect([status, headers["access-control-allow-origin"]]).toEqual([403, "*"]);
  });

  it("refuses a foreign Origin before looking at the token", async () => {
    const { post, verified } = await start();
    expect((await post(call("whoami"), { ...authorized, Origin: "https://evil.example" })).status).toBe(403);
    expect(verified).toEqual([]);
  });

  it("lets a browser client of its own origin read the challenge", async () => {
    const { post } = await start();
    const answer = await post(call("whoami"), { Origin: "https://mcp.example.com" });
    expect(answer.headers["access-control-allow-origin"]).toBe("https://mcp.example.com");
    expect(answer.headers["access-control-expose-headers"]).toContain("WWW-Authenticate");
    expect(answer.headers["access-control-expose-headers"]).toContain("Mcp-Session-Id");
    expect(answer.headers["access-control-allow-credentials"]).toBeUndefined();
  });

  it("answers a preflight with the headers that were asked for", async () => {
    const { origin } = await start();
    const answer = await send(`${origin}/mcp`, {
      method: "OPTIONS",
      headers: {
        Origin: "https://mcp.example.com",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, mcp-param-city",
      },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers["access-control-allow-headers"]).toBe("authorization, mcp-param-city");
    expect(answer.headers["access-control-allow-methods"]).toContain("POST");
  });
});

describe("while what serves calls is being loaded", () => {
  /** An endpoint whose service is there, or can't be had, once `settle` says so. */
  async function startEarly(options: Partial<McpEndpointOptions> = {}) {
    let settle = (_service: Promise<McpService>) => {};
    const loading = new Promise<McpService>((resolve) => {
      settle = resolve;
    });
    const exchanged: unknown[] = [];
    const exchange: McpExchange = async ({ response, body }) => {
      exchanged.push(body);
      response.end();
    };
    const service = { exchange, checks: { verifier: { verify: async () => reader } } };
    const started = await start({ ...options, service: () => loading });
    return { ...started, settle, service, exchanged };
  }

  it("whoever has no token is challenged, and whoever has one waits, unread", async () => {
    const { origin, post, settle, service, exchanged } = await startEarly();
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    const body = JSON.stringify(call("whoami"));
    // More than the buffers between here and there hold: it is stuck until somebody reads it.
    const padding = " ".repeat(4_000_000 - body.length);
    socket.write(
      `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer good\r\nContent-Length: ${body.length + padding.length}\r\n\r\n`,
    );
    socket.write(body + padding);
    expect((await post(call("whoami"))).status).toBe(401);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(socket.writableLength).toBeGreaterThan(0);
    expect(exchanged).toEqual([]);
    settle(Promise.resolve(service));
    const answer = await new Promise<string>((resolve) => socket.once("data", (data) => resolve(data.toString())));
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(exchanged).toEqual([call("whoami")]);
  });

  it("calls of an open server wait, too", async () => {
    const { post, settle, service, exchanged } = await startEarly({ protection: undefined });
    const answer = post(call("whoami"));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(exchanged).toEqual([]);
    settle(Promise.resolve({ ...service, checks: undefined }));
    expect((await answer).status).toBe(200);
  });

  it("a call that waits is answered when it can't be loaded", async () => {
    const { post, settle } = await startEarly();
    const answer = post(call("whoami"), authorized);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const failure = Promise.reject(new OAuthError("temporarily_unavailable", "It could not start."));
    // On a busy machine, the request may come after it has failed.
    failure.catch(() => {});
    settle(failure);
    expect((await answer).status).toBe(503);
  });

  it("a client that leaves while it waits costs no check of its token", async () => {
    const { origin, post, settle, service, exchanged } = await startEarly();
    const verified: string[] = [];
    const verify = async (token: string) => {
      verified.push(token);
      return reader;
    };
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    const head = "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n";
    socket.write(`${head}\r\n{}${head}Authorization: Bearer gone\r\n\r\n{}`);
    // The answer to the request before: the one that waits has come.
    await new Promise((resolve) => socket.once("data", resolve));
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    settle(Promise.resolve({ ...service, checks: { verifier: { verify } } }));
    expect((await post(call("whoami"), authorized)).status).toBe(200);
    expect(verified).toEqual(["good"]);
    expect(exchanged).toEqual([call("whoami")]);
  });

  it("so many wait as there is room for, and others are asked to come again", async () => {
    const { post, settle, service, exchanged } = await startEarly();
    const refused: RawAnswer[] = [];
    const asked = Array.from({ length: 510 }, () =>
      post(call("whoami"), authorized).then((answer) => {
        if (answer.status === 503) {
          refused.push(answer);
        }
        return answer.status;
      }),
    );
    await expect.poll(() => refused).toHaveLength(10);
    expect(refused[0]?.headers["retry-after"]).toBe("1");
    settle(Promise.resolve(service));
    const served = (await Promise.all(asked)).filter((status) => status === 200);
    expect([served.length, refused.length, exchanged.length]).toEqual([500, 10, 500]);
  });

  it("Security rule 9: what can check tokens serves nothing without saying what is protected", async () => {
    const { post, settle, service, exchanged } = await startEarly({ protection: undefined });
    settle(Promise.resolve(service));
    expect((await post(call("whoami"), authorized)).status).toBe(500);
    expect((await post(call("whoami"))).status).toBe(500);
    expect(exchanged).toEqual([]);
  });

  it("Security rule 9: what is protected is served by nothing that can't check tokens", async () => {
    const { post, settle, service, exchanged } = await startEarly();
    settle(Promise.resolve({ ...service, checks: undefined }));
    expect((await post(call("whoami"), authorized)).status).toBe(500);
    expect(exchanged).toEqual([]);
  });
});
