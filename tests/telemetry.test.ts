import { type AddressInfo, createServer, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import express from "express";
import { createServer as createMcpServer, protect, type ServerOptions } from "mcp-env-auth";
import { freePort } from "test-support/free-port";
import { startProcess } from "test-support/processes";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { launchInProcess, until } from "./support/in-process.ts";
import { WHOAMI } from "./support/oauth-steps.ts";
import { type OtlpReceiver, startOtlpReceiver } from "./support/otlp-receiver.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const OTHER_TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "00f067aa0ba902b7";
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const SIGNING_KEY = "a signing key of more than thirty-two bytes";

let auth0: DevAuth0;

beforeAll(async () => {
  auth0 = await startDevAuth0();
});
afterAll(() => auth0?.close());

async function launch(receiver: Pick<OtlpReceiver, "url">, env: Record<string, string> = {}) {
  const server = await launchInProcess({
    auth0,
    env: {
      FASTMCP_SERVER_AUTH_AUTH0_JWT_SIGNING_KEY: SIGNING_KEY,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      ...env,
    },
    register: (server) =>
      server.registerTool("fails", { description: "Fails" }, () => {
        throw new Error("the secret reason");
      }),
  });
  onTestFinished(() => server.close());
  await until(async () => (await fetch(`${server.origin}/readyz`)).ok);
  return server;
}

const call = (name: string, meta: Record<string, string> = {}) => ({
  ...WHOAMI,
  params: { name, arguments: {}, ...(Object.keys(meta).length > 0 && { _meta: meta }) },
});

describe("with an OTLP endpoint", () => {
  it("every request of a login is a span, with its calls to the provider below it", async () => {
    const receiver = await startOtlpReceiver();
    const server = await launch(receiver);
    const session = await server.getSession();
    const renewed = await session.renewed(await session.refresh());
    expect((await server.call(renewed.accessToken)).status).toBe(200);
    expect((await renewed.revoke()).status).toBe(200);
    await server.close();

    const spans = receiver.spans();
    const find = (name: string) => spans.find((span) => span.name === name);
    const routes = ["/register", "/authorize", "/consent", "/auth/callback", "/token", "/mcp", "/revoke"];
    for (const route of routes) {
      const served = spans.filter((span) => span.attributes["http.route"] === route);
      expect(
        served.map(({ kind }) => kind).every((kind) => kind === 2),
        route,
      ).toBe(true);
      expect(served, route).not.toEqual([]);
    }
    const exchanges = spans.filter(({ name, kind }) => name === "POST /oauth/token" && kind === 3);
    const tokenRequests = spans.filter(({ name }) => name === "POST /token").map(({ spanId }) => spanId);
    expect(exchanges.filter(({ parentSpanId }) => tokenRequests.includes(parentSpanId ?? ""))).toHaveLength(2);
    expect(find("POST /oauth/revoke")?.parentSpanId).toBe(find("POST /revoke")?.spanId);
    expect(find("tools/call whoami")).toMatchObject({
      kind: 2,
      parentSpanId: find("POST /mcp")?.spanId,
      attributes: {
        "mcp.method.name": "tools/call",
        "gen_ai.tool.name": "whoami",
        "gen_ai.operation.name": "execute_tool",
        "jsonrpc.request.id": "1",
      },
    });
    expect(new Set(spans.map(({ service }) => service))).toEqual(new Set(["In process"]));
  });

  it("the span of a call has the fields of its line, each message of a batch its own, and no metric has them", async () => {
    const receiver = await startOtlpReceiver();
    const server = await launch(receiver, { FASTMCP_LOG_SUBJECTS: "true" });
    const { accessToken } = await server.getSession();
    const batch = ["whoami", "fails", "made-up"].map((name, id) => ({ ...call(name), id }));
    await fetch(server.url, {
      method: "POST",
      headers: {
        Authorization: `Bearer ${accessToken}`,
        "Content-Type": "application/json",
        Accept: "application/json, text/event-stream",
      },
      body: JSON.stringify(batch),
    }).then((response) => response.text());
    await server.close();

    const calls = server.lines.filter(({ fields }) => "event" in fields && fields.event === "tool-called");
    expect(calls.map(({ fields }) => fields)).toHaveLength(3);
    const [{ client, login } = {}] = calls.map(({ fields }) => fields as { client?: string; login?: string });
    const spans = receiver.spans().filter(({ name }) => name.startsWith("tools/call"));
    const common = {
      "mcp_env_auth.client": client,
      "mcp_env_auth.login": login,
      "mcp_env_auth.subject": "auth0|alice",
    };
    expect(spans.map(({ attributes }) => attributes)).toEqual([
      expect.objectContaining({ ...common, "mcp_env_auth.tool": "whoami", "mcp_env_auth.outcome": "ok" }),
      expect.objectContaining({ ...common, "mcp_env_auth.outcome": "error", "error.type": "tool_error" }),
      expect.objectContaining({ ...common, "mcp_env_auth.outcome": "unknown", "error.type": "unknown" }),
    ]);
    expect(spans[0]?.attributes).not.toHaveProperty("error.type");
    for (const metric of ["mcp_env_auth.events", "mcp.server.operation.duration", "http.server.request.duration"]) {
      expect(JSON.stringify(receiver.points(metric))).not.toMatch(/alice|made-up|mcp_env_auth\.(?:client|login|tool)/);
    }
  });

  it("durations and outcomes are counted, by few values each", async () => {
    const receiver = await startOtlpReceiver();
    const server = await launch(receiver, { FASTMCP_RATE_LIMIT: "10" });
    const session = await server.getSession();
    await server.call(session.accessToken, call("fails"));
    await server.call(undefined);
    await fetch(`${server.origin}/token`, { method: "POST", body: new URLSearchParams({ grant_type: "password" }) });
    for (let requests = 0; requests < 12; requests++) {
      await server.register();
    }
    auth0.misbehave({ token: { status: 500 } });
    const refused = await session.refresh();
    await auth0.restore();
    expect(refused.status).toBe(503);
    await server.close();

    const events = receiver.points("mcp_env_auth.events").map(({ attributes }) => attributes["mcp_env_auth.event"]);
    expect(events).toEqual(expect.arrayContaining(["consent-approved", "login-returned", "tokens-issued"]));
    const refusals = receiver.points("mcp_env_auth.refusals").map(({ attributes }) => attributes);
    expect(refusals).toEqual(
      expect.arrayContaining([
        { "http.route": "/mcp", "error.type": "invalid_token" },
        { "http.route": "/token", "error.type": "invalid_client" },
        { "http.route": "/token", "error.type": "temporarily_unavailable" },
        { "http.route": "/register", "error.type": "rate_limited" },
      ]),
    );
    expect(receiver.points("mcp.server.operation.duration")).toEqual([
      expect.objectContaining({
        count: 1,
        attributes: expect.objectContaining({ "gen_ai.tool.name": "fails", "error.type": "tool_error" }),
      }),
    ]);
    expect(receiver.points("http.server.request.duration").length).toBeGreaterThan(5);
    const failures = receiver.points("http.client.request.duration").map(({ attributes }) => attributes["error.type"]);
    expect(failures).toContain("500");
  });

  it("a caller's trace goes on: the header's for the request, _meta's for the message, linked", async () => {
    const receiver = await startOtlpReceiver();
    const server = await launch(receiver);
    const { accessToken } = await server.getSession();
    const post = (meta: Record<string, string>) =>
      fetch(server.url, {
        method: "POST",
        headers: {
          Authorization: `Bearer ${accessToken}`,
          "Content-Type": "application/json",
          Accept: "application/json, text/event-stream",
          traceparent: `00-${TRACE}-${SPAN}-01`,
        },
        body: JSON.stringify(call("whoami", meta)),
      }).then((response) => response.text());
    await post({});
    await post({ traceparent: `00-${OTHER_TRACE}-${SPAN}-01` });
    await post({ traceparent: "no traceparent" });
    await server.close();

    const requests = receiver.spans().filter(({ name, traceId }) => name === "POST /mcp" && traceId === TRACE);
    expect(requests).toHaveLength(3);
    expect(requests.map(({ parentSpanId }) => parentSpanId)).toEqual([SPAN, SPAN, SPAN]);
    const [plain, own, broken] = receiver.spans().filter(({ name }) => name === "tools/call whoami");
    expect(plain).toMatchObject({ traceId: TRACE, parentSpanId: requests[0]?.spanId });
    expect(own).toMatchObject({
      traceId: OTHER_TRACE,
      parentSpanId: SPAN,
      links: [{ traceId: TRACE, spanId: requests[1]?.spanId }],
    });
    expect(broken).toMatchObject({ traceId: TRACE });
  });

  it("a line of the log is found by its trace, and a trace by the login of its lines", async () => {
    const receiver = await startOtlpReceiver();
    const server = await launch(receiver);
    await server.getSession();
    await server.close();

    const issued = server.lines
      .map(({ fields }) => fields as Record<string, string>)
      .find(({ event }) => event === "tokens-issued");
    expect(issued?.trace_id).toMatch(/^[0-9a-f]{32}$/);
    const span = receiver.spans().find(({ spanId }) => spanId === issued?.span_id);
    expect(span).toMatchObject({
      name: "POST /token",
      traceId: issued?.trace_id,
      attributes: { "mcp_env_auth.login": issued?.login },
      events: ["tokens-issued"],
    });
    const ofLogin = receiver.spans().filter(({ attributes }) => attributes["mcp_env_auth.login"] === issued?.login);
    expect(ofLogin.map(({ name }) => name)).toEqual(["POST /consent", "GET /auth/callback", "POST /token"]);
  });

  it("Security rule 11: nothing secret in traces and metrics, after a whole login, its refusals and faults", async () => {
    const receiver = await startOtlpReceiver();
    const secrets = new Set<string>([
      SIGNING_KEY,
      "the secret reason",
      "auth0|alice",
      "typed-as-a-name",
      "alice@example.com",
    ]);
    const collect = (text: string) => {
      for (const [, value] of text.matchAll(SECRET_MEMBERS)) {
        if (value !== undefined && value.length >= 8) {
          secrets.add(value).add(decodeURIComponent(value));
        }
      }
    };
    const spy = vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      const request = new Request(input, init);
      collect(`${new URL(request.url).search}\n${await request.clone().text()}`);
      collect([...request.headers].map(([name, value]) => `${name}=${value.replace(/^Bearer /, "")}`).join("\n"));
      const response = await realFetch(request, init?.redirect === undefined ? {} : { redirect: init.redirect });
      collect([...response.headers].map(([name, value]) => `${name}=${value}`).join("\n"));
      if (!response.headers.get("content-type")?.includes("event-stream")) {
        collect(await response.clone().text());
      }
      return response;
    });
    onTestFinished(() => spy.mockRestore());
    const headers = { OTEL_EXPORTER_OTLP_HEADERS: "x-api-key=the-collector-s-own-key" };
    const server = await launch(receiver, headers);
    const session = await server.getSession();
    const renewed = await session.renewed(await session.refresh());
    await server.call(renewed.accessToken, call("fails"));
    await server.call(`${renewed.accessToken}x`);
    await server.call(renewed.accessToken, { ...WHOAMI, method: renewed.refreshToken });
    await server.call(renewed.accessToken, call(renewed.refreshToken));
    await server.call(renewed.accessToken, call("typed-as-a-name"));
    await session.refresh();
    await fetch(`${server.origin}/token?code=${renewed.refreshToken}`, { method: "POST" });
    await fetch(`${server.origin}/auth/callback?code=a-code-of-nobody&state=a-state-of-nobody`);
    auth0.misbehave({ token: { status: 500 } });
    await renewed.refresh();
    await auth0.restore();
    await renewed.revoke();
    await server.close();

    for (const secret of Object.values(auth0.env(server.origin))) {
      if (secret.length > 40 && !secret.includes("/")) {
        secrets.add(secret);
      }
    }
    expect(secrets.size).toBeGreaterThan(20);
    expect(secrets).toContain(session.clientId);
    expect(secrets).toContain(renewed.accessToken);
    const exported = receiver.received.map(({ body }) => body).join("\n");
    expect(exported).toContain("POST /token");
    const leaked = [...secrets].filter(
      (secret) => exported.includes(secret) || exported.includes(encodeURIComponent(secret)),
    );
    expect(leaked).toEqual([]);
    expect(JSON.stringify(server.lines)).not.toContain("the-collector-s-own-key");
    expect(receiver.received[0]?.headers).toContain("the-collector-s-own-key");
  });

  it.each([
    ["is not there", async () => ({ url: `http://127.0.0.1:${await freePort()}` })],
    ["never answers", () => startOtlpReceiver({ answers: false })],
  ])("requests are served, the operator is told and the server stops, when the collector %s", async (_how, start) => {
    const server = await launch(await start(), {
      OTEL_BSP_SCHEDULE_DELAY: "50",
      OTEL_EXPORTER_OTLP_TIMEOUT: "500",
      OTEL_BSP_EXPORT_TIMEOUT: "600",
    });
    const { accessToken } = await server.getSession();
    expect((await server.call(accessToken)).status).toBe(200);
    await until(() =>
      server.lines.some(({ level, message }) => level === "warn" && message.includes("OTEL_EXPORTER_OTLP_ENDPOINT")),
    );
    expect((await server.call(accessToken)).status).toBe(200);
    await server.close();
  });

  it("commands to Redis are spans and are measured, without what is in them", async () => {
    const receiver = await startOtlpReceiver();
    const redis = await startRespStandIn();
    const server = await launch(receiver, { FASTMCP_STORAGE_URL: redis.url });
    await server.getSession();
    await server.close();
    const commands = receiver.spans().filter(({ attributes }) => attributes["db.system.name"] === "redis");
    expect(commands.map(({ name }) => name)).toContain("EVAL");
    const served = receiver
      .spans()
      .filter(({ kind }) => kind === 2)
      .map(({ spanId }) => spanId);
    expect(served).toContain(commands.find(({ name }) => name === "EVAL")?.parentSpanId);
    expect(receiver.points("db.client.operation.duration")).not.toEqual([]);
    expect(receiver.received.map(({ body }) => body).join()).not.toContain("mcp-env-auth:");
  });

  it.each([
    ["app()", (options: ServerOptions) => createMcpServer(options).app()],
    ["protect()", (options: ServerOptions) => protect(express(), () => undefined as never, options)],
  ])("nothing of it is left by a server that can't be made: %s", async (_way, make) => {
    const receiver = await startOtlpReceiver();
    const auth = { baseUrl: undefined, authenticate: () => Promise.reject(new Error("broken")) };
    const env = { FASTMCP_ENV_FILE: "", OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
    const inUse = () => Object.keys(Reflect.get(globalThis, Symbol.for("opentelemetry.js.api.1")) ?? {});
    await expect(make({ name: "Broken", version: "1.0.0", auth, env, logger: silent })).rejects.toThrow("broken");
    expect(inUse()).not.toContain("trace");
  });

  it("an endpoint for one signal sends that one only", async () => {
    const receiver = await startOtlpReceiver();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: "", OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${receiver.url}/v1/metrics` };
    const server = await launch(receiver, env);
    await server.call(undefined);
    await server.close();
    expect(new Set(receiver.received.map(({ path }) => path))).toEqual(new Set(["/v1/metrics"]));
  });

  it.each([{ OTEL_SDK_DISABLED: "true" }, { OTEL_EXPORTER_OTLP_ENDPOINT: "localhost:4318" }])(
    "nothing is sent with %j",
    async (env) => {
      const receiver = await startOtlpReceiver();
      const server = await launch(receiver, env);
      expect((await server.call(undefined)).status).toBe(401);
      await server.close();
      expect(receiver.received).toEqual([]);
      const warnings = server.lines.filter(({ level, message }) => level === "warn" && message.includes("OTEL_"));
      expect(warnings).toHaveLength("OTEL_SDK_DISABLED" in env ? 0 : 1);
    },
  );
});

/**
 * Answers each command as Redis answers a claim that was granted: what is recorded of a command does not depend on
 * more.
 */
async function startRespStandIn() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket
      .on("error", () => {})
      .on("data", (data) => {
        for (const command of String(data).split(/^(?=\*\d+\r$)/m)) {
          const [, count = "1"] = /^\*(\d+)/.exec(command) ?? [];
          const nothing = `*${Number(count) - 1}\r\n${"$-1\r\n".repeat(Number(count) - 1)}`;
          socket.write(command.includes("MGET") ? nothing : command.includes("\r\nGET\r\n") ? "$-1\r\n" : ":1\r\n");
        }
      });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) {
      socket.destroy();
    }
    server.close();
  });
  return { url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const realFetch = globalThis.fetch;
const SECRET_MEMBERS =
  /(?:access_token|refresh_token|id_token|token|code|client_id|client_secret|code_verifier|code_challenge|state|nonce|sub|email|request|authorization|set-cookie|cookie|username|password|name)["']?\s*[=:]\s*["']?(?:[\w-]+=)?([^"'&\s;,<>]{8,})/gi;

describe("a process", () => {
  const server = fileURLToPath(new URL("./fixtures/http-server.mjs", import.meta.url));
  const hook = fileURLToPath(new URL("./fixtures/without-opentelemetry.mjs", import.meta.url));

  async function startServer(env: Record<string, string>) {
    const port = await freePort();
    const running = await startProcess({
      name: "The server",
      script: server,
      env: { ...auth0.env(`http://127.0.0.1:${port}`), FASTMCP_PORT: String(port), ...env },
      readyUrl: `http://127.0.0.1:${port}/healthz`,
    });
    onTestFinished(() => running.stop());
    return running;
  }

  it("without an endpoint loads nothing of OpenTelemetry", async () => {
    const running = await startServer({ NODE_OPTIONS: `--import=${hook}` });
    expect(running.log()).not.toContain("@opentelemetry");
  });

  it("with an endpoint and without OpenTelemetry says what to install, and serves", async () => {
    const running = await startServer({
      NODE_OPTIONS: `--import=${hook}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
    });
    await until(() => running.log().includes("npm install @opentelemetry/api"));
  });

  it("sends what is left when it is told to stop", async () => {
    const receiver = await startOtlpReceiver();
    const running = await startServer({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_SERVICE_NAME: "weather",
    });
    await fetch(running.log().match(/listens at (http\S+?)"/)?.[1] ?? "", { method: "POST" });
    await running.stop();
    expect(receiver.spans()).toContainEqual(expect.objectContaining({ name: "POST /mcp", service: "weather" }));
    expect(receiver.points("http.server.request.duration")).not.toEqual([]);
  });
});
