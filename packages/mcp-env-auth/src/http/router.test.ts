import { once } from "node:events";
import { connect } from "node:net";
import express from "express";
import { describe, expect, it } from "vitest";
import type { Endpoint } from "../endpoint.ts";
import { OAuthError } from "../errors.ts";
import { systemClock } from "../lib/clock.ts";
import { silentLogger } from "../logger.ts";
import { locateProtectedResourceMetadata } from "../resource-server/protected-resource-metadata.ts";
import { createGate } from "./gate.ts";
import { createOriginPolicy } from "./origin-policy.ts";
import { createServerRouter, type ServerRouterOptions } from "./router.ts";
import { send, serve } from "./testing/serve.ts";

const endpoint = (path: string, handle: Endpoint["handle"], rest: Partial<Endpoint> = {}): Endpoint => ({
  path,
  methods: ["POST"],
  body: "form",
  crossOrigin: true,
  limit: "requests",
  handle,
  ...rest,
});

const endpoints: Endpoint[] = [
  endpoint("/token", async ({ body }) => ({
    status: 200,
    body: { json: Object.fromEntries((body as URLSearchParams).entries()) },
  })),
  endpoint("/token", async ({ body }) => ({ status: 200, body: { json: [...(body as URLSearchParams)] } }), {
    path: "/credentials",
    body: "form or json",
  }),
  endpoint("/register", async ({ body }) => ({ status: 201, body: { json: body } }), { body: "json" }),
  endpoint("/refused", async () => {
    throw new OAuthError("temporarily_unavailable", "Not now.", { retryAfter: 4.2 });
  }),
  endpoint("/broken", async () => {
    throw new Error("secret detail");
  }),
  endpoint("/authorize", async () => ({ status: 200, body: { text: "page" } }), {
    methods: ["GET", "POST"],
    crossOrigin: false,
  }),
];

async function start(options: Partial<ServerRouterOptions> = {}) {
  const app = express();
  app.use(
    createServerRouter({
      mcpPath: "/mcp",
      mcpEndpoint: async (_request, response) => void response.end("mcp"),
      basePath: "/api",
      metadata: locateProtectedResourceMetadata(
        {
          resource: "https://mcp.example.com/api/mcp",
          authorizationServers: ["https://mcp.example.com/api"],
          loginScopes: ["openid"],
        },
        { mcpPath: "/mcp", serverName: "Weather" },
      ),
      endpoints,
      gate: createGate(
        createOriginPolicy({
          baseUrl: new URL("https://mcp.example.com/api"),
          allowedHosts: [],
          allowedOrigins: [],
        }),
      ),
      rateLimit: 100,
      ready: () => false,
      clock: systemClock,
      logger: silentLogger,
      ...options,
    }),
  );
  app.get("/own", (_request, response) => void response.send("the app's own"));
  return serve(app);
}

const form = { "Content-Type": "application/x-www-form-urlencoded" };
const json = { "Content-Type": "application/json" };

describe("routing", () => {
  it.each([
    "/mcp",
    "/api/mcp",
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-protected-resource/mcp",
    "/.well-known/oauth-protected-resource/api/mcp",
    "/api/.well-known/oauth-protected-resource/mcp",
  ])("answers at %s, with and without the path of BASE_URL", async (path) => {
    expect((await send(`${await start()}${path}`)).status).toBe(200);
  });

  it.each(["/mcp/", "/api/mcp/", "/mcp/?a=b"])("serves a client that adds a slash: %s", async (path) => {
    const answer = await send(`${await start()}${path}`, { method: "POST" });
    expect([answer.status, answer.body]).toEqual([200, "mcp"]);
  });

  it.each(["", "/api"])("finds well-known documents with more slashes than they have, under %j", async (base) => {
    const origin = await start();
    const paths = ["oauth-protected-resource", "oauth-protected-resource/mcp"].flatMap((name) => [
      `${base}/.well-known/${name}`,
      `${base}//.well-known/${name}`,
      `${base}/.well-known//${name}`,
    ]);
    for (const path of paths) {
      const answer = await send(`${origin}${path}`);
      expect([path, answer.status, JSON.parse(answer.body).resource]).toEqual([
        path,
        200,
        "https://mcp.example.com/api/mcp",
      ]);
    }
    expect((await send(`${origin}${base}//.well-known/oauth-protected-resource/?a=b`)).status).toBe(200);
  });

  it.each([
    "/.well-known/oauth-protected-resource/mcp/",
    "/.well-known/oauth-protected-resource/api/mcp/",
    "//.well-known/oauth-protected-resource/mcp/",
    "/api/.well-known/oauth-protected-resource/mcp/",
  ])(
    "names the resource with a slash where the client looks for it with one: %s (RFC 9728 section 3.3)",
    async (path) => {
      const answer = await send(`${await start()}${path}`);
      expect(JSON.parse(answer.body).resource).toBe("https://mcp.example.com/api/mcp/");
    },
  );

  it.each(["//token", "/token/", "//mcp", "//.well-known/unknown/"])(
    "takes no other path by another spelling: %s",
    async (path) => {
      expect((await send(`${await start()}${path}`, { method: "POST", headers: form, body: "a=1" })).status).toBe(404);
    },
  );

  it.each(["/mcp//", "/MCP", "/api/api/mcp", "/api"])("does not take %s for its own", async (path) => {
    expect((await send(`${await start()}${path}`)).status).toBe(404);
  });

  it("leaves other paths to the app, with their headers and Host untouched", async () => {
    const answer = await send(`${await start()}/own`, { headers: { Host: "anything.example" } });
    expect([answer.status, answer.body]).toEqual([200, "the app's own"]);
    expect(answer.headers["content-security-policy"]).toBeUndefined();
  });

  it("answers a method that an endpoint does not have with 405 and Allow", async () => {
    const answer = await send(`${await start()}/token`);
    expect([answer.status, answer.headers.allow]).toEqual([405, "POST"]);
  });
});

describe("HEAD", () => {
  it("is answered where documents are, and refused where a GET has effects", async () => {
    const origin = await start();
    expect((await send(`${origin}/.well-known/oauth-protected-resource`, { method: "HEAD" })).status).toBe(200);
    expect((await send(`${origin}/authorize`, { method: "HEAD" })).status).toBe(405);
  });
});

describe("bodies", () => {
  it("arrive parsed by the endpoint's type", async () => {
    const origin = await start();
    expect((await send(`${origin}/token`, { method: "POST", headers: form, body: "a=1&b=x%20y" })).body).toBe(
      '{"a":"1","b":"x y"}',
    );
    expect((await send(`${origin}/register`, { method: "POST", headers: json, body: '{"a":[1]}' })).body).toBe(
      '{"a":[1]}',
    );
  });

  const FORM = "application/x-www-form-urlencoded";
  it.each([
    [FORM, "a=1&b=x%20y"],
    [`${FORM};charset=UTF-8`, "a=1&b=x+y"],
    [`application/json, ${FORM}`, "a=1&b=x+y"],
    [`${FORM}; charset=utf-8, application/json`, "a=1&b=x+y"],
    [`APPLICATION/JSON,${FORM}`, '{"a":"1","b":"x y"}'],
    ["text/plain;charset=UTF-8", "a=1&b=x+y"],
    ["text/plain", ' {"a":"1","b":"x y"}'],
    ["application/json; charset=utf-8", '{ "a" : "1", "b": "x\\u0020y" }\n'],
    [undefined, "a=1&b=x+y"],
  ])("are read as what they are where clients mislabel them: %s", async (type, body) => {
    const headers = type === undefined ? {} : { "Content-Type": type };
    const answer = await send(`${await start()}/credentials`, { method: "POST", headers, body });
    expect([answer.status, answer.body]).toEqual([200, '[["a","1"],["b","x y"]]']);
  });

  it("of JSON keep a member that comes twice", async () => {
    const body = '{"a":"1","b":"2","\\u0061":"3"}';
    const answer = await send(`${await start()}/credentials`, { method: "POST", headers: json, body });
    expect(answer.body).toBe('[["a","1"],["b","2"],["a","3"]]');
  });

  it.each([
    '{"a":1}',
    '{"a":null}',
    '{"a":["b"]}',
    '{"a":{"b":"c"}}',
    '{"a":{"a":"b"},"a":"c"}',
    '{"a":"1"',
    "{}}",
    "{a:1}",
  ])("of JSON are refused unless they are an object of strings: %s", async (body) => {
    const answer = await send(`${await start()}/credentials`, { method: "POST", headers: json, body });
    expect([answer.status, JSON.parse(answer.body).error]).toEqual([400, "invalid_request"]);
  });

  it.each(["text/plain", "application/json;charset=UTF-8", "application/json, text/plain", undefined])(
    "are read as JSON where an endpoint takes nothing else: %s",
    async (type) => {
      const headers = type === undefined ? {} : { "Content-Type": type };
      const answer = await send(`${await start()}/register`, { method: "POST", headers, body: '{"a":[1]}' });
      expect([answer.status, answer.body]).toEqual([201, '{"a":[1]}']);
    },
  );

  it.each([
    ["/token", json, '{"a":1}', 400],
    ["/token", { "Content-Type": "multipart/form-data" }, "a=1", 400],
    ["/token", { "Content-Type": "application/xml" }, "<a/>", 400],
    ["/authorize", json, '{"a":"1"}', 400],
    ["/authorize", { "Content-Type": "text/plain" }, "a=1", 400],
    ["/authorize", { "Content-Type": "application/x-www-form-urlencoded, text/plain" }, "a=1", 400],
    ["/register", form, "a=1", 400],
    ["/register", json, "{broken", 400],
    ["/register", json, JSON.stringify("x".repeat(70_000)), 413],
    ["/token", form, `a=${"x".repeat(70_000)}`, 413],
  ])("of the wrong type or size at %s are refused as invalid_request", async (path, headers, body, status) => {
    const answer = await send(`${await start()}${path}`, { method: "POST", headers, body });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({ error: "invalid_request" });
    expect(answer.headers["cache-control"]).toBe("no-store");
  });
});

describe("errors", () => {
  it("of the protocol are answered as JSON that no cache keeps", async () => {
    const answer = await send(`${await start()}/refused`, { method: "POST", headers: form, body: "a=1" });
    expect([answer.status, answer.headers["retry-after"], answer.headers["cache-control"]]).toEqual([
      503,
      "5",
      "no-store",
    ]);
    expect(JSON.parse(answer.body)).toEqual({ error: "temporarily_unavailable", error_description: "Not now." });
  });

  it("of our own tell nothing", async () => {
    const answer = await send(`${await start()}/broken`, { method: "POST", headers: form, body: "a=1" });
    expect(answer.status).toBe(500);
    expect(answer.body).not.toContain("secret");
  });
});

describe("Security rule 10: Host and cross-origin access of the endpoints", () => {
  it.each(["/mcp", "/token", "/authorize", "/.well-known/oauth-protected-resource"])(
    "refuses a foreign Host at %s",
    async (path) => {
      expect((await send(`${await start()}${path}`, { headers: { Host: "evil.example" } })).status).toBe(403);
    },
  );

  it("answers health checks whatever the Host, and says when it is not ready", async () => {
    const origin = await start();
    const headers = { Host: "10.0.0.7:8000" };
    expect((await send(`${origin}/healthz`, { headers })).status).toBe(200);
    expect((await send(`${origin}/readyz`, { headers })).status).toBe(503);
    expect((await send(`${await start({ ready: () => true })}/readyz`, { headers })).status).toBe(200);
  });

  it("lets any Origin use the open endpoints, without credentials, and read errors too", async () => {
    const headers = { ...form, Origin: "https://anyone.example" };
    const answer = await send(`${await start()}/refused`, { method: "POST", headers, body: "a=1" });
    expect(answer.headers["access-control-allow-origin"]).toBe("*");
    expect(answer.headers["access-control-allow-credentials"]).toBeUndefined();
  });

  it("answers their preflight", async () => {
    const answer = await send(`${await start()}/register`, {
      method: "OPTIONS",
      headers: { Origin: "https://anyone.example", "Access-Control-Request-Headers": "mcp-protocol-version" },
    });
    expect([answer.status, answer.headers["access-control-allow-headers"]]).toEqual([204, "mcp-protocol-version"]);
  });

  it("opens no page to scripts of other origins", async () => {
    const answer = await send(`${await start()}/authorize`, { headers: { Origin: "https://anyone.example" } });
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
  });
});

describe("a request with several Host headers (RFC 9112 section 3.2)", () => {
  const metadata = "/.well-known/oauth-protected-resource/mcp";

  it.each(["/mcp", "/mcp/", "/token", "/authorize", "/healthz", "/readyz", metadata])(
    "is refused: %s",
    async (path) => {
      const origin = await start();
      const ask = async (...hosts: string[]) => {
        const socket = connect(Number(new URL(origin).port), "127.0.0.1");
        socket.write([`GET ${path} HTTP/1.1`, ...hosts, "Connection: close", "", ""].join("\r\n"));
        let answer = "";
        for await (const chunk of socket) {
          answer += chunk;
        }
        return answer.split("\r\n")[0];
      };
      const good = "Host: 127.0.0.1";
      for (const hosts of [
        [good, "Host: evil.example"],
        [good, good],
        ["Host: evil.example", good],
        ["HOST: 127.0.0.1", "X: y", "hOsT: evil.example"],
      ]) {
        expect(await ask(...hosts)).toBe("HTTP/1.1 400 Bad Request");
      }
      expect(await ask(good)).not.toBe("HTTP/1.1 400 Bad Request");
    },
  );
});

describe("a client that waits for 100 (Continue)", () => {
  /** The status lines that come back for a body that is announced and not sent. */
  async function announce(origin: string, path: string, length: number): Promise<string[]> {
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    const headers = "Host: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nExpect: 100-continue";
    socket.write(`POST ${path} HTTP/1.1\r\n${headers}\r\nContent-Length: ${length}\r\n\r\n`);
    const [data] = await once(socket, "data");
    socket.destroy();
    return String(data).match(/^HTTP\/1\.1 \d+/gm) ?? [];
  }

  it("is asked for its body where one is read, once that was admitted", async () => {
    const origin = await start({ rateLimit: 1 });
    expect(await announce(origin, "/token", 4)).toEqual(["HTTP/1.1 100"]);
    expect(await announce(origin, "/token", 4)).toEqual(["HTTP/1.1 429"]);
  });

  it.each([
    ["/token", 99_999_999, 413],
    ["/.well-known/oauth-protected-resource/mcp", 4, 405],
  ])("is answered at once otherwise: %s, %i bytes", async (path, length, status) => {
    expect(await announce(await start(), path, length)).toEqual([`HTTP/1.1 ${status}`]);
  });
});
