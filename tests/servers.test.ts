import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { McpServer } from "@modelcontextprotocol/server";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import express from "express";
import { createServer, getAccessToken, protect } from "mcp-env-auth";
import { Browser } from "test-support/browser";
import { freePort } from "test-support/free-port";
import { OAuthClient } from "test-support/oauth-client";
import { startProcess } from "test-support/processes";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { CLIENT_KINDS, connect } from "./support/clients.ts";
import { until } from "./support/in-process.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

let auth0: DevAuth0;
beforeAll(async () => {
  auth0 = await startDevAuth0();
});
afterAll(() => auth0.close());

describe("protect() puts the provider in front of an SDK server that someone has already", () => {
  it.each(CLIENT_KINDS)("for %s", async (kind) => {
    const port = await freePort();
    const app = express().set("trust proxy", 2);
    const protection = await protect(
      app,
      () => {
        const server = new McpServer({ name: "Mine", version: "1.0.0" });
        server.registerTool("whoami", {}, async () => ({
          content: [{ type: "text", text: getAccessToken().subject }],
        }));
        return server;
      },
      { env: auth0.env(`http://127.0.0.1:${port}`), logger: silent },
    );
    app.get("/about", (_request, response) => void response.send("my own page"));
    const http = createHttpServer(app);
    await once(http.listen(port, "127.0.0.1"), "listening");
    onTestFinished(async () => {
      http.close();
      http.closeAllConnections();
      await protection.close();
    });
    expect(protection.mcpUrl).toBe(`http://127.0.0.1:${port}/mcp`);
    expect(app.get("trust proxy")).toBe(2);
    expect(await (await fetch(`http://127.0.0.1:${port}/about`)).text()).toBe("my own page");
    await until(async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok);
    const oauth = new OAuthClient({ browser: new Browser(), username: "bob" });
    const session = await connect({ kind, url: protection.mcpUrl ?? "", oauth });
    expect((await session.callTool("whoami")).content[0]?.text).toBe("auth0|bob");
    await session.close();
  });
});

describe("a server that was asked to be open", () => {
  it("says so loudly, and serves everyone", async () => {
    const warnings: string[] = [];
    const server = createServer({
      name: "Open",
      version: "1.0.0",
      auth: null,
      env: {},
      logger: { ...silent, warn: (_fields, message) => void warnings.push(message) },
    });
    server.registerTool("hello", {}, () => "hello");
    const http = createHttpServer(await server.app());
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    onTestFinished(async () => {
      http.close();
      http.closeAllConnections();
      await server.close();
    });
    expect(warnings.join()).toContain("THIS SERVER IS OPEN");
    const { port } = http.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}/mcp`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json, text/event-stream" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "hello", arguments: {} } }),
    });
    expect(await answer.text()).toContain('"hello"');
  });

  it("does not load a registration that only a provider can protect", async () => {
    const server = createServer({ name: "Open", version: "1.0.0", auth: null, env: {}, logger: silent });
    server.registerTool("secret", { requiredScopes: ["x"] }, () => "secret");
    await expect(server.app()).rejects.toThrow("secret");
  });
});

describe("a tool that asks the client back, over a connection that can't carry the question", () => {
  it("fails at once instead of waiting", async () => {
    const server = createServer({ name: "Asking", version: "1.0.0", auth: null, env: {}, logger: silent });
    server.registerTool("ask", {}, async (ctx) => {
      await ctx.mcpReq.requestSampling({ messages: [], maxTokens: 1 });
      return "answered";
    });
    const http = createHttpServer(await server.app());
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    onTestFinished(async () => {
      http.close();
      http.closeAllConnections();
      await server.close();
    });
    const { port } = http.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}/mcp`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json, text/event-stream" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "ask", arguments: {} } }),
      signal: AbortSignal.timeout(20_000),
    });
    expect(await answer.text()).toContain('"isError":true');
  });
});

describe("on stdio", () => {
  const script = fileURLToPath(new URL("fixtures/stdio-server.mjs", import.meta.url));

  it("a server answers without any provider, and says that there is no token", async () => {
    const client = new Client({ name: "test", version: "1.0.0" });
    await client.connect(
      new StdioClientTransport({ command: process.execPath, args: [script], env: {}, stderr: "ignore" }),
    );
    const hello = await client.callTool({ name: "hello", arguments: {} });
    expect(hello.content).toEqual([{ type: "text", text: "hello" }]);
    const whoami = await client.callTool({ name: "whoami", arguments: {} });
    expect(whoami.isError).toBe(true);
    await client.close();
  });

  it("a server logs each call once, and answers on standard output alone", async () => {
    const client = new Client({ name: "test", version: "1.0.0" });
    const transport = new StdioClientTransport({ command: process.execPath, args: [script], env: {}, stderr: "pipe" });
    let log = "";
    transport.stderr?.on("data", (text) => {
      log += String(text);
    });
    await client.connect(transport);
    await client.callTool({ name: "hello", arguments: {} });
    await client.callTool({ name: "whoami", arguments: {} });
    await client.readResource({ uri: "test://one" });
    await client.close();
    await expect.poll(() => log.match(/"event":"(?:tool-called|resource-read)"/g)?.length).toBe(3);
    const lines = log.split("\n").filter((line) => line.includes('"event"'));
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { tool: "hello", outcome: "ok" },
      { tool: "whoami", outcome: "error" },
      { resource: "test://one", outcome: "ok" },
    ]);
  });
});

describe("the example that wires Auth0 in code", () => {
  it("runs from its own five variables, and its tool knows who is logged in", async () => {
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    const example = await startProcess({
      name: "The example",
      script: fileURLToPath(new URL("../examples/dist/auth0-in-code.js", import.meta.url)),
      env: {
        AUTH0_DOMAIN: auth0.issuer,
        AUTH0_CLIENT_ID: auth0.clientId,
        AUTH0_CLIENT_SECRET: auth0.clientSecret,
        AUTH0_AUDIENCE: auth0.audience,
        BASE_URL: origin,
        FASTMCP_PORT: String(port),
      },
      readyUrl: `${origin}/readyz`,
    });
    onTestFinished(() => example.stop());
    const oauth = new OAuthClient({ browser: new Browser(), username: "alice" });
    const session = await connect({ kind: CLIENT_KINDS[0], url: `${origin}/mcp`, oauth });
    const { content } = await session.callTool("whoami");
    expect(JSON.parse(content[0]?.text ?? "")).toEqual({ subject: "auth0|alice", scopes: ["openid"] });
    await session.close();
  });

  it("says what is missing, without a stack", () => {
    const script = fileURLToPath(new URL("../examples/dist/auth0-in-code.js", import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [script], {
      env: { PATH: process.env.PATH },
      encoding: "utf8",
    });
    expect(status).toBe(1);
    for (const option of ["configUrl", "clientId", "clientSecret", "audience", "baseUrl"]) {
      expect(stderr).toContain(option);
    }
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
