import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import type { CliContext } from "../command.ts";
import { callCli } from "../testing/call-cli.ts";
import { openRemoteFetch } from "./remote-fetch.ts";

const NASTY = "red\u001b[31m, \u009b2J and \u202eesrever\u2066\r\nsecond\rfake line\u0007";

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function messageOf(request: IncomingMessage) {
  return JSON.parse((await text(request)) || "{}") as { id?: number; method?: string };
}

const RESULTS: Readonly<Record<string, object>> = {
  initialize: {
    protocolVersion: "2025-11-25",
    capabilities: { tools: {} },
    serverInfo: { name: NASTY, version: NASTY },
  },
  "tools/list": { tools: [{ name: `x${NASTY}`, description: NASTY, inputSchema: { type: "object" } }] },
  "tools/call": { content: [{ type: "text", text: NASTY }] },
};

/** An MCP server without a login, of which every word is meant for the terminal. */
const startServer = (results = RESULTS, error: object = { code: -32601, message: NASTY }) =>
  listen(async (request, response) => {
    const { id, method = "" } = await messageOf(request);
    if (request.method !== "POST" || id === undefined) {
      response.writeHead(request.method === "POST" ? 202 : 405).end();
      return;
    }
    const result = results[method];
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ jsonrpc: "2.0", id, ...(result === undefined ? { error } : { result }) }));
  });

const run = async (command: readonly string[], origin: string, env = {}) =>
  callCli([...command, "--url", `${origin}/mcp`], { env: { XDG_STATE_HOME: "/nonexistent", ...env } });

/** What a terminal acts on, apart from the ends of lines. */
const STEERS = /[^\n\P{Cc}]|\p{Bidi_Control}/u;

describe("what a server says", () => {
  it.each([
    [["call", "x"], "red,  and  esrever \nsecond\nfake line \n"],
    [["tools"], "xred,"],
    [["tools", "--json"], "\\u001b[31m, \\u009b2J and \\u202eesrever"],
    [["call", "x", "--json"], "\\u001b[31m, \\u009b2J and \\u202eesrever"],
  ])("steers no terminal: %j", async (command, shown) => {
    const { exitCode, stdout, stderr } = await run(command, await startServer());
    expect({ exitCode, stderr }, stderr).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).not.toMatch(STEERS);
    expect(stdout).toContain(shown);
  });

  it("steers no terminal as structured content, as an error of a tool or of the protocol", async () => {
    const structured = { ...RESULTS, "tools/call": { content: [], structuredContent: { a: NASTY } } };
    const { stdout } = await run(["call", "x"], await startServer(structured));
    expect(stdout).not.toMatch(STEERS);
    expect(JSON.parse(stdout)).toEqual({ a: NASTY });
    const failed = { ...RESULTS, "tools/call": { content: [{ type: "text", text: NASTY }], isError: true } };
    expect((await run(["call", "x"], await startServer(failed))).stdout).not.toMatch(STEERS);
    const { "tools/call": _call, ...refusing } = RESULTS;
    const { exitCode, stderr } = await run(["call", "x"], await startServer(refusing));
    expect(exitCode).toBe(1);
    expect(stderr).toContain("fake line");
    expect(stderr).not.toMatch(STEERS);
  });

  it("steers no terminal as the text of a refusal that is not JSON-RPC", async () => {
    for (const status of [400, 403, 404, 500]) {
      const origin = await listen((_request, response) => {
        response.writeHead(status, { "Content-Type": "text/plain" }).end(NASTY);
      });
      const { exitCode, stderr } = await run(["tools"], origin);
      expect(exitCode, String(status)).toBe(1);
      expect(stderr).not.toMatch(STEERS);
    }
  });
});

describe("http", () => {
  it.each(["http://mcp.example.com/mcp", "http://10.0.0.1:8000/mcp", "http://127.0.0.1.example.com/mcp"])(
    "is refused on other machines, before anything is sent: %s",
    async (url) => {
      for (const command of [["call", "x"], ["tools"], ["login"], ["login", "--end"]]) {
        const { exitCode, stdout, stderr } = await callCli([...command, "--url", url]);
        expect([exitCode, stdout]).toEqual([1, ""]);
        expect(stderr).toContain("only https is safe");
      }
    },
  );

  it.each(["registration_endpoint", "token_endpoint"])(
    "is refused where the metadata leads to it: %s",
    async (endpoint) => {
      const sent: string[] = [];
      const origin = await listen((request, response) => {
        const { url = "" } = request;
        sent.push(url);
        const at = `http://${request.headers.host}`;
        response.setHeader("Content-Type", "application/json");
        if (url.startsWith("/.well-known/oauth-protected-resource")) {
          response.end(JSON.stringify({ resource: `${at}/mcp`, authorization_servers: [at] }));
        } else if (url.startsWith("/.well-known/")) {
          response.end(
            JSON.stringify({
              issuer: at,
              authorization_endpoint: `${at}/authorize`,
              token_endpoint: `${at}/token`,
              registration_endpoint: `${at}/register`,
              response_types_supported: ["code"],
              code_challenge_methods_supported: ["S256"],
              [endpoint]: "http://metadata.invalid/endpoint",
            }),
          );
        } else {
          response.writeHead(url === "/mcp" ? 401 : 404).end("{}");
        }
      });
      const { exitCode, stderr } = await run(["tools", "--as", "alice"], origin);
      expect(exitCode).toBe(1);
      expect(stderr).not.toContain("can't be reached");
      if (endpoint === "registration_endpoint") {
        expect(stderr).toContain("http://metadata.invalid is refused");
      }
      expect(sent).toContain("/mcp");
    },
  );
});

describe("a redirect", () => {
  it("is followed by calls at the same origin", async () => {
    const target = await startServer();
    const origin = await listen(async (request, response) => {
      if (request.url === "/mcp") {
        response.writeHead(307, { Location: "/mcp/" }).end();
        return;
      }
      const { method = "GET", headers } = request;
      const body = method === "POST" ? await text(request) : null;
      const answer = await fetch(`${target}/mcp`, { method, headers: headers as Record<string, string>, body });
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
    });
    const { exitCode, stderr } = await run(["tools"], origin);
    expect(exitCode, stderr).toBe(0);
  });

  it.each(["http://mcp.example.com/mcp", "https://mcp.example.invalid/mcp"])(
    "of a call is not followed to %s",
    async (location) => {
      const origin = await listen((_request, response) => response.writeHead(308, { Location: location }).end());
      const { exitCode, stderr } = await run(["tools"], origin);
      expect(exitCode).toBe(1);
      expect(stderr).toContain(`${location} not followed`);
    },
  );

  const context = { env: {}, cwd: "/nonexistent" } as CliContext;

  it("of a document is followed, and not to http on other machines", async () => {
    const document = await listen((_request, response) => response.end("found"));
    const origin = await listen(({ url }, response) => {
      const location = { "/a": `${document}/x`, "/b": "http://mcp.example.com/x" }[url ?? ""] ?? "/again";
      response.writeHead(302, { Location: location }).end();
    });
    const fetch = await openRemoteFetch(context);
    expect(await (await fetch(`${origin}/a`)).text()).toBe("found");
    await expect(fetch(`${origin}/b`)).rejects.toThrow("http://mcp.example.com is refused");
    await expect(fetch(`${origin}/c`)).rejects.toThrow("not followed");
  });

  it.each([301, 302, 303, 307, 308])("with %i takes no body and no token elsewhere", async (status) => {
    const asked: (string | undefined)[] = [];
    const origin = await listen(({ url }, response) => {
      asked.push(url);
      response.writeHead(status, { Location: "/elsewhere" }).end();
    });
    const fetch = await openRemoteFetch(context);
    const headers = { Authorization: "Bearer x" };
    await expect(fetch(`${origin}/token`, { method: "POST", body: "code=x" })).rejects.toThrow("not followed");
    await expect(fetch(`${origin}/user`, { headers })).rejects.toThrow("not followed");
    expect(asked).toEqual(["/token", "/user"]);
  });
});
