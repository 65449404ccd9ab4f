import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ResourceTemplate } from "@modelcontextprotocol/server";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import express from "express";
import { createServer, type ProtectedServer } from "mcp-env-auth";
import { freePort } from "test-support/free-port";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../support/in-process.ts";
import { oauthSteps } from "../support/oauth-steps.ts";
import { useProtectedHandlers } from "../support/protected-handlers.ts";

const { run } = useProtectedHandlers();
let auth0: DevAuth0;
const closers: (() => unknown)[] = [];
beforeAll(async () => {
  auth0 = await startDevAuth0();
});
afterAll(async () => {
  await Promise.all(closers.map((close) => close()));
  await auth0?.close();
});

const PUBLIC = { access: "public" } as const;
const CHATGPT = { "User-Agent": "openai-mcp/1.0.0" };
const INITIALIZE = {
  protocolVersion: "2025-11-25",
  capabilities: { elicitation: {}, sampling: {} },
  clientInfo: { name: "t", version: "1" },
};

/** What calls of `slow` wait for. */
const held: (() => void)[] = [];

function register(server: ProtectedServer): void {
  server.registerTool("open", PUBLIC, () => "for everybody");
  server.registerTool("slow", PUBLIC, async () => {
    await new Promise<void>((resolve) => held.push(resolve));
    return "slowly";
  });
  server.registerTool("narrowed", PUBLIC, () => "for everybody, unless the deployer says otherwise");
  server.registerTool("member", {}, run("member"));
  server.registerResource("vault", "city://vault", {}, run("vault"));
  const template = new ResourceTemplate("city://{name}", { list: undefined });
  server.registerResource("cities", template, PUBLIC, (_uri, { name }) =>
    name === "vault" ? run("template")() : "any city",
  );
}

async function listen(app: RequestListener, port: number): Promise<void> {
  const http = createHttpServer(app);
  closers.push(() => http.close().closeAllConnections());
  await once(http.listen(port, "127.0.0.1"), "listening");
}

const STARTS: Readonly<Record<string, (server: ProtectedServer, port: number) => Promise<unknown>>> = {
  "run()": (server, port) => server.run({ port }),
  "app()": async (server, port) => listen(await server.app(), port),
  "app() behind a body parser": async (server, port) => {
    const app = express();
    app.use(express.json());
    app.use(await server.app());
    await listen(app, port);
  },
};

async function start(how: keyof typeof STARTS, env: Record<string, string> = {}) {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const server = createServer({
    name: "Started",
    version: "1.0.0",
    env: {
      ...auth0.env(origin),
      FASTMCP_SERVER_AUTH_AUTH0_JWT_SIGNING_KEY: "a signing key of more than thirty-two bytes",
      FASTMCP_LOG_LEVEL: "CRITICAL",
      FASTMCP_RATE_LIMIT: "0",
      ...env,
    },
  });
  closers.push(() => server.close());
  register(server);
  await STARTS[how]?.(server, port);
  await until(async () => (await fetch(`${origin}/readyz`)).ok);
  const ask = async (method: string, params: object, headers: Record<string, string> = {}) => {
    const answer = await oauthSteps(origin).call(undefined, { jsonrpc: "2.0", id: 1, method, params }, headers);
    return { status: answer.status, session: answer.headers.get("mcp-session-id"), text: await answer.text() };
  };
  const call = (name: string, headers?: Record<string, string>) => ask("tools/call", { name, arguments: {} }, headers);
  return { server, ask, call };
}

describe.each(Object.keys(STARTS))("Security rule 9: without a token, at a server of %s", (how) => {
  let started: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    started = await start(how);
  });

  it("what is public is served, and nothing else", async () => {
    const { call } = started;
    expect((await call("open")).text).toContain("for everybody");
    const member = await call("member");
    expect(member.status).toBe(401);
    expect(await call("nothing")).toEqual(member);
    const inResult = await call("member", CHATGPT);
    expect([inResult.status, inResult.text]).toEqual([
      200,
      expect.stringContaining('"mcp/www_authenticate":["Bearer error='),
    ]);
    expect(await call("nothing", CHATGPT)).toEqual(inResult);
  });

  it.each([{}, CHATGPT])("a token that is not good is 401, with %j", async (headers) => {
    for (const Authorization of ["Bearer bad", "", "Basic YTpi"]) {
      for (const name of ["open", "member", "nothing"]) {
        expect((await started.call(name, { ...headers, Authorization })).status).toBe(401);
      }
    }
  });

  it("nobody begins a session, whatever a client declares", async () => {
    expect(await started.ask("initialize", INITIALIZE)).toMatchObject({ status: 200, session: null });
  });

  it.each([
    "city://vault",
    "CITY://vault",
    "city://va\nult",
    "city://va\tult",
    " city://vault ",
    "city:\n//vault",
    "city://vault#a",
    "city://vault?a",
    "city://vault/",
    "city:///vault",
    "city:vault",
    "city://%76ault",
    "city://user@vault",
    "city://vault:80",
    "city://vault%00",
    "city://\u0000vault",
  ])("no spelling of a protected resource reaches it: %j", async (uri) => {
    expect((await started.ask("resources/read", { uri })).text).not.toContain("SECRET");
  });
});

describe("Security rule 19: a policy file protects what is public", () => {
  it("for calls and lists, in every dialect", async () => {
    const folder = await mkdtemp(join(tmpdir(), "policy-"));
    closers.push(() => rm(folder, { recursive: true }));
    const file = join(folder, "authorization.json");
    await writeFile(file, JSON.stringify({ tools: { narrowed: { scopes: ["weather:write"] } } }));
    const { ask, call } = await start("run()", { FASTMCP_AUTHORIZATION_FILE: file });
    expect((await call("open")).status).toBe(200);
    expect(await call("narrowed")).toEqual(await call("member"));
    expect(await call("narrowed", CHATGPT)).toEqual(await call("member", CHATGPT));
    for (const headers of [{}, CHATGPT]) {
      expect((await ask("tools/list", {}, headers)).text).not.toContain("narrowed");
    }
  });
});

describe("a server that is told to stop", () => {
  it("ends a call that came without a token, and then takes no other", async () => {
    const { server, call } = await start("run()");
    const slow = call("slow");
    await until(() => held.length > 0);
    const closed = server.close();
    held.pop()?.();
    expect((await slow).text).toContain("slowly");
    await closed;
    await expect(call("open")).rejects.toThrow();
  });
});
