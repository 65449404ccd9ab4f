import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { fileURLToPath } from "node:url";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { createGateway } from "mcp-env-auth";
import { freePort } from "test-support/free-port";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { fastMcpPython } from "../../scripts/support/programs.mjs";
import { until } from "../support/in-process.ts";
import { oauthSteps } from "../support/oauth-steps.ts";

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

/** Python takes its time to import FastMCP. */
const timeout = 180_000;

let auth0: DevAuth0;

beforeAll(async () => {
  auth0 = await startDevAuth0();
});

afterAll(() => auth0?.close());

/** A gateway at `port` in front of `upstream`, and alice's token for it. */
async function startGateway(port: number, upstream: string | readonly string[]) {
  const origin = `http://127.0.0.1:${port}`;
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...auth0.env(origin) };
  const gateway = createGateway({ upstream, env, logger });
  onTestFinished(() => gateway.close());
  const http = createHttpServer(await gateway.app());
  await once(http.listen(port, "127.0.0.1"), "listening");
  onTestFinished(() => http.closeAllConnections());
  onTestFinished(() => void http.close());
  await until(async () => (await fetch(`${origin}/readyz`)).ok);
  const { access_token: token } = await oauthSteps(origin).getTokens("alice");

  /** A client of the SDK, at the newest revision or at the one before. */
  return async (revision: string) => {
    const versionNegotiation = revision === "2026-07-28" ? { mode: { pin: revision } } : undefined;
    const client = new Client(
      { name: "t", version: "1" },
      { capabilities: { elicitation: {} }, ...(versionNegotiation && { versionNegotiation }) },
    );
    client.setRequestHandler("elicitation/create", () => ({ action: "accept" as const, content: { value: "Berlin" } }));
    const requestInit = { headers: { Authorization: `Bearer ${token}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${origin}/mcp`), { requestInit }), { timeout });
    onTestFinished(() => client.close());
    return async (name: string) => (await client.callTool({ name, arguments: {} }, { timeout })).content;
  };
}

describe("FastMCP behind the gateway", () => {
  it("verifies the gateway's JWT over HTTP, and knows the user", { timeout }, async () => {
    const [port, upstreamPort] = [await freePort(), await freePort()];
    const args = [fixture("gateway_http.py"), String(upstreamPort), `http://127.0.0.1:${port}`];
    const upstream = spawn(fastMcpPython("4"), args, { stdio: "ignore" });
    onTestFinished(() => void upstream.kill("SIGKILL"));
    const connect = await startGateway(port, `http://127.0.0.1:${upstreamPort}/mcp`);
    for (const revision of ["2025-11-25", "2026-07-28"]) {
      const call = await connect(revision);
      expect(await call("whoami")).toEqual([{ type: "text", text: "auth0|alice" }]);
    }
    const without = await fetch(`http://127.0.0.1:${upstreamPort}/mcp`, { method: "POST" });
    expect(without.status).toBe(401);
  });

  it("is told of its user on stdio, and asks the user", { timeout }, async () => {
    const connect = await startGateway(await freePort(), [fastMcpPython("4"), fixture("gateway_stdio.py")]);
    const call = await connect("2025-11-25");
    expect(await call("whoami")).toEqual([{ type: "text", text: "auth0|alice" }]);
    expect(await call("ask")).toEqual([{ type: "text", text: "So it is Berlin." }]);
  });
});
