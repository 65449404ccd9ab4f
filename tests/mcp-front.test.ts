import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { createServer, getAccessToken } from "mcp-env-auth";
import { freePort } from "test-support/free-port";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "./support/in-process.ts";
import { oauthSteps, WHOAMI } from "./support/oauth-steps.ts";

const BASE_PATH = "/api";

let auth0: DevAuth0;
let token: string;
const closers: (() => Promise<unknown>)[] = [];
const ports = { app: 0, run: 0 };

beforeAll(async () => {
  auth0 = await startDevAuth0();
  const port = await freePort();
  const env = {
    ...auth0.env(`http://127.0.0.1:${port}${BASE_PATH}`),
    FASTMCP_SERVER_AUTH_AUTH0_JWT_SIGNING_KEY: "a signing key of more than thirty-two bytes",
    FASTMCP_LOG_LEVEL: "CRITICAL",
  };
  const launch = () => {
    const server = createServer({ name: "Twice", version: "1.0.0", env });
    server.registerTool("whoami", { description: "Who is asking" }, () => getAccessToken().subject);
    closers.push(() => server.close());
    return server;
  };
  await launch().run({ port });
  const http = createHttpServer({ keepAliveTimeout: 65_000 }, await launch().app());
  await once(http.listen(0, "127.0.0.1"), "listening");
  closers.push(async () => http.close());
  Object.assign(ports, { run: port, app: (http.address() as AddressInfo).port });
  for (const each of Object.values(ports)) {
    await until(async () => (await fetch(`http://127.0.0.1:${each}/readyz`)).ok);
  }
  token = (await oauthSteps(`http://127.0.0.1:${port}`).getTokens()).access_token ?? "";
}, 60_000);

afterAll(async () => {
  await Promise.all(closers.map((close) => close()));
  await auth0?.close();
});

const MODERN = {
  ...WHOAMI,
  params: {
    ...WHOAMI.params,
    _meta: {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "t", version: "1" },
      "io.modelcontextprotocol/clientCapabilities": {},
    },
  },
};
const MODERN_HEADERS = ["MCP-Protocol-Version: 2026-07-28", "Mcp-Method: tools/call", "Mcp-Name: whoami"];

interface Sent {
  readonly line?: string;
  readonly host?: string[];
  readonly authorization?: string[];
  readonly type?: string;
  readonly headers?: readonly string[];
  readonly body?: unknown;
  /** The length that is promised, when it is not the body's. `null`: none. */
  readonly length?: number | null;
}

function bytesOf({ line = "POST /mcp HTTP/1.1", body = WHOAMI, ...sent }: Sent, last = true): string {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const length = sent.length === undefined ? Buffer.byteLength(text) : sent.length;
  const lines = [
    line,
    ...(sent.host ?? ["Host: 127.0.0.1"]),
    ...(sent.authorization ?? [`Authorization: Bearer ${token}`]),
    `Content-Type: ${sent.type ?? "application/json"}`,
    "Accept: application/json, text/event-stream",
    ...(sent.headers ?? []),
    ...(length === null ? [] : [`Content-Length: ${length}`]),
    ...(last ? ["Connection: close"] : []),
  ];
  return `${lines.join("\r\n")}\r\n\r\n${text}`;
}

/** What comes back until the server hangs up, without what differs from one moment to the next. */
function exchange(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes, "latin1"));
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
    });
    socket.on("error", reject).on("close", () => resolve(text.replace(/^Date: .*\r\n/gm, "")));
  });
}

const chunked = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;
const CHUNKED = { headers: ["Transfer-Encoding: chunked"], length: null };

const REQUESTS: Readonly<Record<string, readonly [status: number | undefined, Sent]>> = {
  "a call of 2025-11-25": [200, {}],
  "a call of 2026-07-28": [200, { body: MODERN, headers: MODERN_HEADERS }],
  "a call whose headers contradict it": [400, { body: MODERN, headers: MODERN_HEADERS.with(2, "Mcp-Name: other") }],
  "a call under the path of BASE_URL": [200, { line: "POST /api/mcp HTTP/1.1" }],
  "a call of an unknown tool": [200, { body: { ...WHOAMI, params: { name: "nobody" } } }],
  "a list": [200, { body: { ...WHOAMI, method: "tools/list", params: {} } }],
  "a batch": [200, { body: [WHOAMI, { ...WHOAMI, id: 2 }] }],
  "a notification": [202, { body: { jsonrpc: "2.0", method: "notifications/initialized" } }],
  "a call in HTTP/1.0": [200, { line: "POST /mcp HTTP/1.0" }],
  "no token": [401, { authorization: [] }],
  "a bad token": [401, { authorization: ["Authorization: Bearer bad"] }],
  "another scheme": [401, { authorization: ["Authorization: Basic YTpi"] }],
  "two tokens": [400, { authorization: ["Authorization: Bearer bad", "Authorization: Bearer bad"] }],
  "no token, and a body that never comes": [401, { authorization: [], body: "", length: 100 }],
  "a foreign Host": [403, { host: ["Host: evil.example"] }],
  "no Host": [400, { host: [] }],
  "two Hosts, the first foreign": [400, { host: ["Host: evil.example", "Host: 127.0.0.1"] }],
  "a foreign Origin": [403, { headers: ["Origin: https://evil.example"] }],
  "its own Origin": [200, { headers: ["Origin: http://127.0.0.1:1234"] }],
  "a preflight": [
    204,
    {
      line: "OPTIONS /mcp HTTP/1.1",
      headers: ["Origin: http://127.0.0.1:1234", "Access-Control-Request-Headers: x-own"],
      body: "",
    },
  ],
  "what a proxy adds": [
    200,
    { headers: ["X-Forwarded-For: 1.2.3.4", "X-Forwarded-Host: evil.example", "X-Forwarded-Proto: https"] },
  ],
  ...Object.fromEntries(
    ["GET", "DELETE", "HEAD", "PUT", "PATCH", "OPTIONS", "PROPFIND"].map((method) => [
      method,
      [405, { line: `${method} /mcp HTTP/1.1`, body: "" }] as const,
    ]),
  ),
  "a method that there is not": [400, { line: "FETCH /mcp HTTP/1.1" }],
  "a slash at the end": [200, { line: "POST /mcp/ HTTP/1.1" }],
  "a slash at the end, and no token": [401, { line: "POST /mcp/ HTTP/1.1", authorization: [] }],
  "a slash at the end and a query": [200, { line: "POST /mcp/?a=b HTTP/1.1" }],
  "a slash at the end under the path of BASE_URL": [200, { line: "POST /api/mcp/ HTTP/1.1" }],
  "a preflight with a slash at the end": [
    204,
    { line: "OPTIONS /mcp/ HTTP/1.1", headers: ["Origin: http://127.0.0.1:1234"], body: "" },
  ],
  "two slashes at the beginning": [404, { line: "POST //mcp HTTP/1.1" }],
  "a query": [200, { line: "POST /mcp?a=b HTTP/1.1" }],
  "an empty query": [200, { line: "POST /mcp? HTTP/1.1" }],
  "a fragment": [200, { line: "POST /mcp#a HTTP/1.1" }],
  "an absolute URL": [200, { line: "POST http://evil.example/mcp HTTP/1.1" }],
  "an encoded path": [404, { line: "POST /%6dcp HTTP/1.1" }],
  "upper case": [404, { line: "POST /MCP HTTP/1.1" }],
  "dot segments": [404, { line: "POST /api/../mcp HTTP/1.1" }],
  "a path below it": [404, { line: "POST /mcp/x HTTP/1.1" }],
  "a parameter of the path": [404, { line: "POST /mcp;a=b HTTP/1.1" }],
  "a star": [404, { line: "POST * HTTP/1.1" }],
  "a chunked body": [200, { ...CHUNKED, body: chunked(JSON.stringify(WHOAMI)) }],
  "a chunked body with a length": [400, { headers: CHUNKED.headers, body: chunked(JSON.stringify(WHOAMI)) }],
  "a body in an unknown coding": [400, { headers: ["Transfer-Encoding: chunked, x"], length: null, body: "{}" }],
  "two lengths": [400, { headers: ["Content-Length: 3"] }],
  "a chunk without a size": [400, { ...CHUNKED, body: "zz\r\n{}\r\n0\r\n\r\n" }],
  "a header that is folded": [400, { headers: ["X-Folded: a", " b: c"] }],
  "a header with a space before its colon": [400, { headers: ["X-Spaced : a"] }],
  "a promise of too much": [413, { length: 5 * 1024 * 1024 }],
  "an empty body": [400, { body: "" }],
  "what is no JSON": [400, { body: "{no" }],
  "what is no JSON-RPC": [400, { body: { a: 1 } }],
  "another type": [415, { type: "text/plain" }],
  "a body announced with Expect": [200, { headers: ["Expect: 100-continue"] }],
  "an expectation that there is not": [417, { headers: ["Expect: the-unexpected"] }],
  "an upgrade": [200, { headers: ["Upgrade: websocket"] }],
};

describe("a request is answered the same by run() and by app()", () => {
  it.each(Object.entries(REQUESTS))("%s", async (name, [status, sent]) => {
    const bytes = bytesOf(sent);
    const [byRun, byApp] = await Promise.all([exchange(ports.run, bytes), exchange(ports.app, bytes)]);
    expect(byRun).toBe(byApp);
    const [first = "", second = ""] = byRun.match(/^HTTP\/1\.1 \d+/gm) ?? [];
    expect(first === "HTTP/1.1 100" ? second : first, `${name}: ${byRun}`).toBe(`HTTP/1.1 ${status}`);
  });

  it("several on one connection, one after the other and at once", async () => {
    const bytes = [
      bytesOf({}, false),
      bytesOf({ authorization: [] }, false),
      bytesOf({ ...CHUNKED, body: chunked(JSON.stringify(WHOAMI)) }, false),
      bytesOf({ line: "POST /mcp?again HTTP/1.1" }, false),
      bytesOf({ line: "GET /healthz HTTP/1.1", body: "" }),
    ].join("");
    const [byRun, byApp] = await Promise.all([exchange(ports.run, bytes), exchange(ports.app, bytes)]);
    expect(byRun).toBe(byApp);
    const statuses = [...byRun.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
    expect(statuses).toEqual(["200", "401", "200", "200", "200"]);
  });

  it("a request that its client gives up in the middle of the body, and the next one is served", async () => {
    for (const port of Object.values(ports)) {
      await new Promise<void>((resolve) => {
        const socket = connect(port, "127.0.0.1", () => {
          socket.write(bytesOf({ length: 1000 }), () => socket.destroy());
        });
        socket.on("close", () => resolve());
      });
      expect(await exchange(port, bytesOf({}))).toMatch(/^HTTP\/1\.1 200 /);
    }
  });
});
