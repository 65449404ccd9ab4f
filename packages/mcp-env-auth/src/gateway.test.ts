import { once } from "node:events";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { call, echo, startGateway, startGatewayTo } from "./gateway/testing/start-gateway.ts";
import { createGateway } from "./gateway.ts";
import { send, serve } from "./http/testing/serve.ts";
import { REVISIONS, toolCall } from "./http/testing/tool-call.ts";
import { silentLogger } from "./logger.ts";
import { stubAuth } from "./server/testing/stub-auth.ts";

const ok = { jsonrpc: "2.0", id: 1, result: { content: [{ type: "text", text: "done" }] } };
const json = (response: ServerResponse, status: number, body: unknown, headers = {}) =>
  response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(body));

interface Echoed {
  readonly result: { readonly headers: Record<string, string>; readonly body: string };
}

describe("the gateway", () => {
  it.each(REVISIONS)("has the upstream answer a call, and logs it: %s", async (revision) => {
    const { ask, lines } = await startGateway((_request, response) => json(response, 200, ok));
    const { headers, body } = toolCall(revision, "work");
    const answer = await ask("alice", body, headers);
    expect([answer.status, await answer.json()]).toEqual([200, ok]);
    await expect
      .poll(() => lines.map(({ fields }) => fields))
      .toContainEqual(expect.objectContaining({ event: "tool-called", tool: "work", outcome: "ok" }));
  });

  it("refuses a request without a token, which the upstream never sees", async () => {
    let asked = 0;
    const { origin } = await startGateway((_request, response) => {
      asked += 1;
      json(response, 200, ok);
    });
    const answer = await fetch(`${origin}/mcp`, { method: "POST", body: JSON.stringify(call()) });
    expect([answer.status, asked]).toEqual([401, 0]);
    expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer/);
  });

  it("Security rule 24: sends the upstream no token, cookie or address of the client", async () => {
    const { origin } = await startGateway(echo, { FASTMCP_UPSTREAM_IDENTITY: "none" });
    const { body } = await send(`${origin}/mcp`, {
      method: "POST",
      headers: {
        Authorization: "Bearer alice",
        Accept: "application/json",
        "Content-Type": "application/json",
        Cookie: "a=secret",
        DPoP: "secret",
        "Proxy-Authorization": "secret",
        Forwarded: "for=secret",
        "X-Forwarded-For": "secret",
        "X-Api-Key": "secret",
        Connection: "mcp-param-city",
        "Mcp-Param-City": "hop-by-hop",
        "Mcp-Param-Town": "kept",
        Traceparent: "00-1-2-01",
      },
      body: JSON.stringify(call()),
    });
    expect(body).not.toMatch(/secret|alice|hop-by-hop/);
    const { headers } = (JSON.parse(body) as Echoed).result;
    expect(Object.keys(headers).sort()).toEqual(
      ["accept", "connection", "content-length", "content-type", "host", "mcp-param-town", "traceparent"].sort(),
    );
  });

  it.each(["X-Forwarded-User", "x_forwarded_user", "X-Forwarded_User", "Mcp_Session_Id", "X-User", "Remote-User"])(
    "Security rule 25: sends the upstream no %s of the client's",
    async (name) => {
      const { ask } = await startGateway(echo);
      const answer = await ask("alice", call(), { [name]: "mallory" });
      expect(await answer.text()).not.toContain("mallory");
    },
  );

  it("Security rule 25: sends what was judged, and refuses fields that other languages read as others", async () => {
    const { origin, ask } = await startGateway(echo);
    const twice = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","name":"b"}}';
    const { body } = await send(`${origin}/mcp`, {
      method: "POST",
      headers: { Authorization: "Bearer alice", "Content-Type": "application/json" },
      body: twice,
    });
    expect((JSON.parse(body) as Echoed).result.body).toBe(twice.replace('"name":"a",', ""));
    const answers = await Promise.all([
      ask("alice", { ...call(), Method: "tools/list" }),
      ask("alice", { ...call(), params: { name: "a", Name: "b" } }),
      ask("alice", [call(), { ...call(2), params: { name: "a", NAME: "b" } }]),
      ask("alice", { ...call(), paramſ: {} }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
  });

  it("Security rule 27: keeps from the client what is the upstream's own", async () => {
    const { ask } = await startGateway((_request, response) =>
      json(response, 200, ok, {
        Server: "secret",
        "X-Powered-By": "secret",
        "Set-Cookie": "secret=1",
        "WWW-Authenticate": "secret",
        "Cache-Control": "public, max-age=60",
        "Access-Control-Allow-Origin": "*",
      }),
    );
    const { headers } = await ask("alice", call());
    expect([...headers].filter(([, value]) => value.includes("secret"))).toEqual([]);
    expect(headers.get("access-control-allow-origin")).toBeNull();
    expect(headers.get("cache-control")).toBe("no-store");
  });
});

describe("an upstream's session", () => {
  const withSession: RequestListener = (request, response) =>
    json(
      response,
      200,
      { ...ok, result: { session: request.headers["mcp-session-id"] ?? null } },
      {
        "Mcp-Session-Id": "upstream-1",
      },
    );
  const sessionOf = async (answer: Response) =>
    ((await answer.json()) as { result?: { session?: string } }).result?.session;

  it("is sealed for the client, and opened for the upstream", async () => {
    const { ask } = await startGateway(withSession);
    const begun = await ask("alice", call());
    const id = begun.headers.get("mcp-session-id") ?? "";
    expect(id).toMatch(/^[\x21-\x7e]{50,2000}$/);
    expect(Buffer.from(id, "base64url").toString("latin1") + id).not.toContain("upstream-1");
    expect(await sessionOf(await ask("alice", call(), { "Mcp-Session-Id": id }))).toBe("upstream-1");
    expect(await sessionOf(await ask("alice", undefined, { "Mcp-Session-Id": id }))).toBe("upstream-1");
    const ended = await ask("alice", undefined, { "Mcp-Session-Id": id }, { method: "DELETE" });
    expect(await sessionOf(ended)).toBe("upstream-1");
  });

  it.each([
    ["another user", "mallory"],
    ["another client of the user", "alice/other"],
    ["another organization of the user", "alice~acme"],
  ])("Security rule 26: is 404 for %s", async (_who, other) => {
    const { ask } = await startGateway(withSession);
    const id = (await ask("alice", call())).headers.get("mcp-session-id") ?? "";
    for (const method of ["POST", "GET", "DELETE"]) {
      const body = method === "POST" ? call() : undefined;
      expect((await ask(other, body, { "Mcp-Session-Id": id }, { method })).status).toBe(404);
    }
    expect((await ask("alice", call(), { "Mcp-Session-Id": id })).status).toBe(200);
  });

  it.each(["upstream-1", "", "x".repeat(3000), "a, b"])(
    "Security rule 26: is 404 for what was not sealed: %s",
    async (id) => {
      const { ask } = await startGateway(withSession);
      expect((await ask("alice", call(), { "Mcp-Session-Id": id })).status).toBe(404);
    },
  );

  it("is 404 once the upstream has forgotten it", async () => {
    const { ask } = await startGateway((request, response) =>
      request.headers["mcp-session-id"] === undefined
        ? withSession(request, response)
        : json(response, 404, { detail: "stack trace" }),
    );
    const id = (await ask("alice", call())).headers.get("mcp-session-id") ?? "";
    const answer = await ask("alice", call(), { "Mcp-Session-Id": id });
    expect([answer.status, await answer.text()]).toEqual([404, expect.stringContaining("Session not found")]);
  });
});

describe("an upstream that", () => {
  const refusals: readonly (readonly [what: string, listener: RequestListener, status: number, logged: RegExp])[] = [
    [
      "refuses with 401",
      (_, r) => json(r, 401, { secret: 1 }, { "WWW-Authenticate": "secret" }),
      502,
      /refused the gateway \(401\)/,
    ],
    ["refuses with 403", (_, r) => json(r, 403, { secret: 1 }), 502, /\(403\)/],
    ["fails with 500 and a stack trace", (_, r) => r.writeHead(500).end("secret at x.js:1"), 502, /answered 500/],
    ["is busy", (_, r) => json(r, 503, "secret", { "Retry-After": "7" }), 503, /answered 503/],
    [
      "redirects",
      (_, r) => r.writeHead(307, { Location: "/mcp/?secret" }).end(),
      502,
      /redirects to "http:\/\/[\d.:]+\/mcp\/"/,
    ],
    ["answers HTML", (_, r) => r.writeHead(200, { "Content-Type": "text/html" }).end("secret"), 502, /text\/html/],
    ["has nothing at that path", (_, r) => r.writeHead(404).end("secret"), 502, /Correct the path/],
    ["compresses", (_, r) => json(r, 200, ok, { "Content-Encoding": "gzip" }), 502, /gzip/],
    ["closes the connection", (q) => q.socket.destroy(), 502, /broke off/],
    [
      "sends an invalid session id",
      (_, r) => json(r, 200, ok, { "Mcp-Session-Id": "a b" }),
      502,
      /invalid Mcp-Session-Id/,
    ],
    ["sends no HTTP", (q) => q.socket.end("secret\r\n\r\n"), 502, /broke off/],
    [
      "sends endless headers",
      (q) => q.socket.write(`HTTP/1.1 200 OK\r\nA: ${"secret".repeat(9000)}\r\n\r\n`),
      502,
      /broke off/,
    ],
    [
      "upgrades",
      (q) => q.socket.write("HTTP/1.1 101 Switching\r\nUpgrade: secret\r\nConnection: upgrade\r\n\r\n"),
      502,
      /changed the protocol/,
    ],
  ];

  it.each(refusals)(
    "Security rule 27: %s: its client learns a reference, and the log why",
    async (_what, listener, status, logged) => {
      const { ask, lines } = await startGateway(listener);
      const answer = await ask("alice", call("seven"));
      const text = await answer.text();
      expect([answer.status, answer.headers.get("content-type")]).toEqual([status, "application/json"]);
      expect([text, ...answer.headers].join("\n")).not.toContain("secret");
      const { id, error } = JSON.parse(text) as { id: string; error: { code: number; message: string } };
      expect([id, error.code]).toEqual(["seven", -32603]);
      const [reference] = /[\da-f]{8}-[\da-f-]+/.exec(error.message) ?? [];
      const line = lines.find(({ fields }) => fields.event === "upstream-failed");
      expect(line?.message).toMatch(logged);
      expect(line?.fields.reference).toBe(reference);
      expect(lines.find(({ fields }) => fields.event === "tool-called")?.fields).toMatchObject({
        outcome: "error",
        reference,
      });
      expect(lines.map(({ message }) => message).join("\n")).not.toContain("secret");
    },
  );

  it("is down is 502, 503 after a few calls, and not ready until it is up", async () => {
    const { origin, ask, lines } = await startGatewayTo("http://127.0.0.1:2/mcp");
    const statuses: number[] = [];
    for (let turn = 0; turn < 7; turn++) {
      statuses.push((await ask("alice", call())).status);
    }
    expect(statuses).toEqual([502, 502, 502, 502, 502, 503, 503]);
    expect((await fetch(`${origin}/readyz`)).status).toBe(503);
    expect(lines.map(({ message }) => message).join("\n")).toMatch(/127\.0\.0\.1:2 can't be reached\. Start it/);
  });

  it("is up makes the gateway ready", async () => {
    const { origin } = await startGateway(echo);
    await expect.poll(async () => (await fetch(`${origin}/readyz`)).status).toBe(200);
  });

  it("is slow is 504 after FASTMCP_UPSTREAM_TIMEOUT", async () => {
    let isLeft = false;
    const { ask } = await startGateway((request) => request.socket.on("close", () => (isLeft = true)), {
      FASTMCP_UPSTREAM_TIMEOUT: "1",
    });
    const answer = await ask("alice", call());
    expect([answer.status, await answer.text()]).toEqual([504, expect.stringContaining("did not answer in time")]);
    await expect.poll(() => isLeft).toBe(true);
  });

  it.each([
    ["breaks off", (response: ServerResponse) => void response.write('{"jsonrpc"', () => response.destroy())],
    [
      "promises more than it sends",
      (response: ServerResponse) =>
        void response.socket?.end("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{}"),
    ],
  ])("%s is broken off for its client as well", async (_what, breakOff) => {
    const { ask, lines } = await startGateway((_request, response) => {
      response.setHeader("Content-Type", "application/json");
      breakOff(response);
    });
    const reading = ask("alice", call()).then((answer) => answer.text());
    await expect(reading).rejects.toThrow();
    await expect.poll(() => lines.map(({ message }) => message).join()).toContain("broke off its answer");
  });

  it("sends more than it promises gets no second answer into the next call", async () => {
    const { ask } = await startGateway((request) => {
      const body = JSON.stringify(ok);
      const smuggled = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 6\r\n\r\n"evil"`;
      request.socket.write(
        `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}${smuggled}`,
      );
    });
    for (let turn = 0; turn < 3; turn++) {
      const answer = await ask("alice", call());
      expect(await answer.text()).not.toContain("evil");
    }
  });

  it("sends 100 MB is read no faster than its client reads", async () => {
    const chunk = Buffer.alloc(1024 * 1024, "x");
    let written = 0;
    const { ask } = await startGateway(async (_request, response) => {
      response.writeHead(200, { "Content-Type": "application/json" });
      while (written < 100 && !response.destroyed) {
        written += 1;
        if (!response.write(chunk)) {
          await Promise.race([once(response, "drain"), once(response, "close")]);
        }
      }
      response.end();
    });
    const leave = new AbortController();
    const answer = await ask("alice", call(), {}, { signal: leave.signal });
    const reader = answer.body?.getReader();
    await reader?.read();
    // What the buffers on the way hold is full once nothing more is written.
    let before = -1;
    const isStill = () => {
      const wasWritten = before;
      before = written;
      return wasWritten === written;
    };
    await expect.poll(isStill, { interval: 200 }).toBe(true);
    expect(written).toBeLessThan(60);
    leave.abort();
    await reader?.closed.catch(() => {});
  });

  it.each([400, 405, 406, 415, 422, 429])(
    "answers %s is passed on, in our own words or as an error of JSON-RPC",
    async (status) => {
      const error = {
        code: -32000,
        message: "Bad Request: no session\n at secret",
        data: { supported: ["2025-11-25"] },
      };
      let body: unknown = { jsonrpc: "2.0", id: null, error };
      const { ask } = await startGateway((_request, response) => json(response, status, body, { Allow: "POST" }));
      const first = await ask("alice", call());
      expect([first.status, await first.json()]).toEqual([
        status,
        { jsonrpc: "2.0", id: null, error: { ...error, message: "Bad Request: no session" } },
      ]);
      body = { trace: "secret" };
      const second = await ask("alice", call());
      expect([second.status, await second.text()]).toEqual([status, expect.not.stringContaining("secret")]);
      expect(second.headers.get("allow")).toBe("POST");
    },
  );

  it.each([202, 204])("takes a notification with %s", async (status) => {
    const { ask } = await startGateway((_request, response) => response.writeHead(status).end());
    const answer = await ask("alice", { jsonrpc: "2.0", method: "notifications/initialized" });
    expect([answer.status, await answer.text()]).toEqual([status, ""]);
  });
});

describe("a stream through the gateway", () => {
  /** An upstream that keeps streams open, and what became of them. */
  async function startStreams() {
    const open: { request: IncomingMessage; response: ServerResponse; isClosed: boolean }[] = [];
    const started = await startGateway((request, response) => {
      const stream = { request, response, isClosed: false };
      response.on("close", () => (stream.isClosed = true));
      open.push(stream);
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.write("id: 1\ndata: {}\n\n");
    });
    return { ...started, open };
  }
  const read = async (reader: ReadableStreamDefaultReader<Uint8Array> | undefined) =>
    Buffer.from((await reader?.read())?.value ?? []).toString();

  it("passes each event on at once, with Last-Event-ID, and ends when its client leaves", async () => {
    const { ask, open } = await startStreams();
    const leave = new AbortController();
    const answer = await ask("alice", undefined, { "Last-Event-ID": "7" }, { signal: leave.signal });
    expect(answer.headers.get("x-accel-buffering")).toBe("no");
    const reader = answer.body?.getReader();
    expect(await read(reader)).toBe("id: 1\ndata: {}\n\n");
    open[0]?.response.write("data: 2\n\n");
    expect(await read(reader)).toBe("data: 2\n\n");
    expect(open[0]?.request.headers["last-event-id"]).toBe("7");
    leave.abort();
    await expect.poll(() => open[0]?.isClosed).toBe(true);
  });

  it("ends for the client when the upstream ends it", async () => {
    const { ask, open } = await startStreams();
    const answer = await ask("alice", undefined);
    await expect.poll(() => open.length).toBe(1);
    open[0]?.response.end();
    expect(await answer.text()).toBe("id: 1\ndata: {}\n\n");
  });

  it("ends with the token, for both", async () => {
    const auth = stubAuth((token) => ({ subject: token, expiresAt: 1 }));
    const closed: string[] = [];
    const upstream = await serve((_request, response) => {
      response.on("close", () => closed.push("upstream"));
      response.writeHead(200, { "Content-Type": "text/event-stream" }).write("data: 1\n\n");
    });
    const gateway = createGateway({
      upstream: `${upstream}/mcp`,
      auth,
      env: { FASTMCP_ENV_FILE: "" },
      logger: silentLogger,
      clock: () => 0,
    });
    onTestFinished(() => gateway.close());
    const origin = await serve(await gateway.app());
    const answer = await fetch(`${origin}/mcp`, {
      headers: { Authorization: "Bearer alice", Accept: "text/event-stream" },
    });
    expect(await answer.text()).toBe("data: 1\n\n");
    await expect.poll(() => closed).toEqual(["upstream"]);
  });

  it("tells the calls in it apart for the log", async () => {
    const { ask, open, lines } = await startStreams();
    const answer = await ask("alice", call("a"));
    await expect.poll(() => open.length).toBe(1);
    const failed = { jsonrpc: "2.0", id: "a", result: { isError: true, content: [] } };
    open[0]?.response.end(`event: message\r\ndata: ${JSON.stringify(failed)}\r\n\r\n`);
    await answer.text();
    await expect
      .poll(() => lines.find(({ fields }) => fields.event === "tool-called")?.fields)
      .toMatchObject({ tool: "work", outcome: "error" });
  });
});

describe("createGateway()", () => {
  it.each(["", "ftp://a/mcp", "127.0.0.1:9000", "http://user:password@a/mcp"])(
    "refuses the upstream %s",
    (upstream) => {
      expect(() => createGateway({ upstream })).toThrow(/an http or https URL without a user name/);
    },
  );

  it("needs an upstream", async () => {
    const app = createGateway({ auth: null, env: { FASTMCP_ENV_FILE: "" }, logger: silentLogger }).app();
    await expect(app).rejects.toThrow(/FASTMCP_UPSTREAM_URL.* is required/);
  });

  it("takes the upstream from the environment, and serves an open one too", async () => {
    const upstream = await serve(echo);
    const env = { FASTMCP_ENV_FILE: "", FASTMCP_UPSTREAM_URL: `${upstream}/mcp`, FASTMCP_SERVER_AUTH: "none" };
    const gateway = createGateway({ env, logger: silentLogger });
    onTestFinished(() => gateway.close());
    const origin = await serve(await gateway.app());
    const answer = await fetch(`${origin}/mcp`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(call()),
    });
    expect(answer.status).toBe(200);
  });
});
