import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { packageFile } from "../../scripts/support/programs.mjs";
import { type Person, someone } from "./support/person.ts";
import { startWeatherStack, type WeatherStack } from "./support/weather-stack.ts";

const MCP_REMOTE = packageFile("mcp-remote", "dist/proxy.js");

let stack: WeatherStack;
beforeAll(async () => {
  stack = await startWeatherStack();
});
afterAll(() => stack?.close());

/** A client that knows only stdio, with mcp-remote between it and the server. */
async function connect(person: Person, { url } = stack): Promise<Client> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [MCP_REMOTE, url],
    env: {
      ...person.env,
      PATH: process.env.PATH ?? "",
      HOME: person.home,
      MCP_REMOTE_CONFIG_DIR: join(person.home, "mcp-remote"),
    },
    stderr: "ignore",
  });
  const client = new Client({ name: "desktop", version: "1.0.0" });
  onTestFinished(() => client.close());
  await client.connect(transport);
  return client;
}

describe("mcp-remote, given nothing but the URL", () => {
  it("logs its user in and calls a tool as that user", async () => {
    const alice = await someone("alice");
    const client = await connect(alice);
    const { structuredContent } = await client.callTool({ name: "current_weather", arguments: { city: "Berlin" } });
    expect(structuredContent).toMatchObject({
      requested_by: "auth0|alice",
      scopes: ["openid", "weather:read", "weather:write"],
    });
    expect(await alice.logins()).toHaveLength(1);
  });

  it("logs in a second time for a tool that needs another scope", async () => {
    const steppingUp = await startWeatherStack({ FASTMCP_LOGIN_SCOPES: "required" });
    onTestFinished(() => steppingUp.close());
    const alice = await someone("alice");
    const client = await connect(alice, steppingUp);
    const saved = await client.callTool({ name: "save_place", arguments: { city: "Lisbon" } });
    expect(saved.structuredContent).toEqual({ places: ["Lisbon, Portugal"] });
    expect(await alice.logins()).toHaveLength(2);
  });

  it("needs no second login when it starts again, nor when the server does", async () => {
    const alice = await someone("alice");
    await (await connect(alice)).close();
    await stack.server.restart();
    const client = await connect(alice);
    const { structuredContent } = await client.callTool({ name: "current_weather", arguments: { city: "Berlin" } });
    expect(structuredContent).toMatchObject({ requested_by: "auth0|alice" });
    expect(await alice.logins()).toHaveLength(1);
  });
});
