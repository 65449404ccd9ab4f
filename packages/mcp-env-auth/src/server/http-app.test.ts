import { ResourceTemplate } from "@modelcontextprotocol/server";
import { describe, expect, it, onTestFinished } from "vitest";
import { send, serve } from "../http/testing/serve.ts";
import { silentLogger } from "../logger.ts";
import { createServer } from "../server.ts";

const CALL = { method: "tools/call", params: { name: "open" } };

describe("what a server is held to by its provider and its environment", () => {
  const said = { resource: "https://mcp.example.com/mcp", requiredScopes: ["s"], authorizationServers: [] };
  const auth = {
    baseUrl: new URL("https://mcp.example.com"),
    authenticate: async () => ({
      ...said,
      verifier: {
        verify: async (token: string) => ({
          token,
          clientId: "client",
          subject: "alice",
          scopes: token === "wide" ? ["s"] : [],
          expiresAt: 2_000_000_000,
          claims: {},
        }),
      },
      endpoints: [],
      start: async () => {},
      ready: () => true,
      close: async () => {},
    }),
  };
  const post = async (
    env: Record<string, string>,
    headers: Record<string, string>,
    described: boolean,
    request: object = CALL,
  ) => {
    const server = createServer({
      name: "test",
      version: "1",
      auth: described ? { ...auth, describe: () => said } : auth,
      env: { FASTMCP_ENV_FILE: "", ...env },
      logger: silentLogger,
    });
    server.registerTool("open", {}, () => "open");
    const template = new ResourceTemplate("log://{a}{b}{c}{d}{e}", { list: undefined });
    server.registerResource("log", template, {}, (uri) => ({ contents: [{ uri: uri.href, text: "" }] }));
    onTestFinished(() => server.close());
    const answer = await send(`${await serve(await server.app())}/mcp`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json, text/event-stream", ...headers },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, ...request }),
    });
    return answer.status;
  };

  it.each([true, false])(
    "Security rule 7: the scopes that every token must carry (describe(): %s)",
    async (described) => {
      expect(await post({}, { Authorization: "Bearer wide" }, described)).toBe(200);
      expect(await post({}, { Authorization: "Bearer narrow" }, described)).toBe(403);
    },
  );

  it.each([
    ["Origin", "https://app.example.com", { FASTMCP_HTTP_ALLOWED_ORIGINS: "https://app.example.com" }],
    ["Host", "other.example.com", { FASTMCP_HTTP_ALLOWED_HOSTS: "other.example.com" }],
  ])("Security rule 10: the %s that the environment allows, and no other", async (name, value, env) => {
    const headers = { Authorization: "Bearer wide", [name]: value };
    expect(await post(env, headers, true)).toBe(200);
    expect(await post({}, headers, true)).toBe(403);
  });

  it("how long a URI may be, for a template that would take long to match", async () => {
    const read = { method: "resources/read", params: { uri: "log://".padEnd(500, "x") } };
    expect(await post({}, { Authorization: "Bearer wide" }, true, read)).toBe(400);
    const short = { method: "resources/read", params: { uri: "log://xxxxx" } };
    expect(await post({}, { Authorization: "Bearer wide" }, true, short)).toBe(200);
  });

  it("the proxies in front of it", async () => {
    for (const [trusted, known] of [
      ["0", 0],
      ["2", 2],
    ] as const) {
      const env = { FASTMCP_ENV_FILE: "", FASTMCP_TRUST_PROXY: trusted };
      const server = createServer({ name: "test", version: "1", auth, env, logger: silentLogger });
      onTestFinished(() => server.close());
      expect((await server.app()).get("trust proxy")).toBe(known);
    }
  });
});
