import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { McpServer } from "@modelcontextprotocol/server";
import express from "express";
import { describe, expect, it, onTestFinished } from "vitest";
import { serve } from "../http/testing/serve.ts";
import { CLIENT_META, REVISIONS, toolCall } from "../http/testing/tool-call.ts";
import { silentLogger } from "../logger.ts";
import { createServer } from "../server.ts";
import { protect } from "./protect.ts";
import { stubAuth } from "./testing/stub-auth.ts";

/** Tokens are written `<subject>.<client>`; the subject `machine` is that of a machine. */
const auth = stubAuth((token) => {
  const [name = "", clientId = ""] = token.split(".");
  if (clientId === "") {
    return undefined;
  }
  return { clientId, subject: name === "machine" ? `${clientId}@clients` : name };
});

async function start(env: Record<string, string>) {
  let now = 1_000_000;
  let ran = 0;
  const events: object[] = [];
  const keep = (fields: object) => void events.push(fields);
  const server = createServer({
    name: "t",
    version: "1",
    auth,
    env: { FASTMCP_ENV_FILE: "", ...env },
    clock: () => now,
    logger: { debug() {}, info: keep, warn: keep, error: keep },
  });
  server.registerTool("count", {}, () => String(++ran));
  server.registerTool("guarded", { requiredScopes: ["admin"] }, () => String(++ran));
  server.registerPrompt("hello", {}, () => "Hello");
  onTestFinished(() => server.close());
  const origin = await serve(await server.app());
  const post = (token: string, body: unknown, headers: Record<string, string>) =>
    fetch(`${origin}/mcp`, {
      method: "POST",
      headers: { ...headers, Authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
  const call = async (token: string, revision: (typeof REVISIONS)[number] = "2025-11-25") => {
    const { headers, body } = toolCall(revision, "count");
    const response = await post(token, body, headers);
    return { status: response.status, retryAfter: response.headers.get("retry-after"), text: await response.text() };
  };
  const works = async (token: string) => !(await call(token)).text.includes("isError");
  const pass = (seconds: number) => {
    now += seconds;
  };
  const ask = (token: string, method: string, params: object = {}) =>
    post(token, { jsonrpc: "2.0", id: 1, method, params }, toolCall("2025-11-25", "count").headers);
  return { call, works, ask, post, events, ran: () => ran, pass };
}

describe("a quota", () => {
  it.each(REVISIONS)(
    "%s: refuses calls over it by a result that says when to retry, for the minute",
    async (revision) => {
      const { call, ran, pass, events } = await start({ FASTMCP_QUOTA_PER_USER: "2" });
      for (let calls = 0; calls < 2; calls++) {
        expect((await call("alice.c", revision)).text).not.toContain("isError");
      }
      pass(20);
      const refused = await call("alice.c", revision);
      expect([refused.status, refused.retryAfter]).toEqual([200, "40"]);
      expect(JSON.parse(refused.text)).toEqual({
        jsonrpc: "2.0",
        id: 1,
        result: {
          ...(revision === "2026-07-28" && { resultType: "complete" }),
          isError: true,
          content: [{ type: "text", text: expect.stringContaining("Try again in 40 seconds.") }],
        },
      });
      expect(ran()).toBe(2);
      expect(events).toContainEqual(
        expect.objectContaining({ event: "tool-called", tool: "count", outcome: "limited" }),
      );
      expect(events).toContainEqual(expect.objectContaining({ event: "quota-exceeded", client: "c" }));
      pass(40);
      expect((await call("alice.c", revision)).text).not.toContain("isError");
    },
  );

  it("refuses other requests by 429 with Retry-After", async () => {
    const { ask, works, pass } = await start({ FASTMCP_QUOTA_PER_USER: "1" });
    expect(await works("alice.c")).toBe(true);
    pass(10);
    for (const [method, params] of [
      ["tools/list", {}],
      ["prompts/get", { name: "hello" }],
      ["initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } }],
    ] as const) {
      const response = await ask("alice.c", method, params);
      expect([method, response.status, response.headers.get("retry-after")]).toEqual([method, 429, "50"]);
      expect(await response.json()).toMatchObject({ error: "temporarily_unavailable" });
    }
  });

  it("of a user counts across clients, and never what another user does", async () => {
    const { works } = await start({ FASTMCP_QUOTA_PER_USER: "2" });
    expect([await works("alice.one"), await works("alice.two"), await works("alice.three")]).toEqual([
      true,
      true,
      false,
    ]);
    expect([await works("bob.one"), await works("bob.one"), await works("bob.one")]).toEqual([true, true, false]);
  });

  it("of a client is each user's own, and leaves what they have through other clients", async () => {
    const { works } = await start({ FASTMCP_QUOTA_PER_CLIENT: "1" });
    expect([await works("alice.one"), await works("alice.one")]).toEqual([true, false]);
    expect([await works("bob.one"), await works("alice.two")]).toEqual([true, true]);
  });

  it("of a machine is its client's, whatever a user may do", async () => {
    const { works } = await start({ FASTMCP_QUOTA_PER_USER: "1", FASTMCP_QUOTA_PER_CLIENT: "2" });
    const results = [];
    for (let calls = 0; calls < 3; calls++) {
      results.push(await works("machine.robot"));
    }
    expect(results).toEqual([true, true, false]);
    expect(await works("machine.other")).toBe(true);
  });

  it("is not used up by what it refuses, nor by a user whose client's quota is", async () => {
    const { works } = await start({ FASTMCP_QUOTA_PER_USER: "2", FASTMCP_QUOTA_PER_CLIENT: "1" });
    expect([await works("alice.one"), await works("alice.one"), await works("alice.one")]).toEqual([
      true,
      false,
      false,
    ]);
    expect([await works("alice.two"), await works("alice.three")]).toEqual([true, false]);
  });

  it("counts each request of a batch, which runs as a whole or not at all", async () => {
    const { post, ran } = await start({ FASTMCP_QUOTA_PER_USER: "3" });
    const { headers } = toolCall("2025-11-25", "count");
    const batch = [1, 2].map((id) => ({ jsonrpc: "2.0", id, method: "tools/call", params: { name: "count" } }));
    const send = async () =>
      (
        await post("alice.c", [...batch, { jsonrpc: "2.0", method: "notifications/initialized" }], {
          ...headers,
          "MCP-Protocol-Version": "2025-03-26",
        })
      ).text();
    await send();
    expect(ran()).toBe(2);
    const refused = JSON.parse(await send());
    expect(refused).toMatchObject([
      { id: 1, result: { isError: true } },
      { id: 2, result: { isError: true } },
    ]);
    expect(ran()).toBe(2);
  });

  it.each([
    ["tools/call", { name: "count" }],
    ["tools/list", {}],
  ] as const)("says that no minute has room for a batch of %s that is larger", async (method, params) => {
    const { post, ran, works } = await start({ FASTMCP_QUOTA_PER_USER: "5", FASTMCP_QUOTA_PER_CLIENT: "2" });
    const headers = { ...toolCall("2025-11-25", "count").headers, "MCP-Protocol-Version": "2025-03-26" };
    const batch = [1, 2, 3].map((id) => ({ jsonrpc: "2.0", id, method, params }));
    const response = await post("alice.c", batch, headers);
    const text = await response.text();
    expect([response.status, response.headers.get("retry-after")]).toEqual([method === "tools/call" ? 200 : 429, "60"]);
    expect(text).toContain("The batch has 3 requests, and the quota allows 2 a minute.");
    expect(ran()).toBe(0);
    expect(await works("alice.c")).toBe(true);
  });

  it("answers what else is in a batch of calls with an error that says when to retry", async () => {
    const { post } = await start({ FASTMCP_QUOTA_PER_USER: "2" });
    const headers = { ...toolCall("2025-11-25", "count").headers, "MCP-Protocol-Version": "2025-03-26" };
    const batch = [
      { jsonrpc: "2.0", id: "a", method: "tools/call", params: { name: "count" } },
      { jsonrpc: "2.0", id: "b", method: "prompts/list" },
    ];
    await (await post("alice.c", batch, headers)).text();
    expect(await (await post("alice.c", batch, headers)).json()).toEqual([
      { jsonrpc: "2.0", id: "a", result: { isError: true, content: [expect.objectContaining({ type: "text" })] } },
      {
        jsonrpc: "2.0",
        id: "b",
        error: { code: -32029, message: expect.stringContaining("60 seconds"), data: { retryAfter: 60 } },
      },
    ]);
  });

  it("says at the start that it counts in one process, where there is no Redis", async () => {
    const counted = await start({ FASTMCP_QUOTA_PER_USER: "1" });
    expect(counted.events).toContainEqual({ event: "quotas-in-memory" });
    const none = await start({});
    expect(none.events).not.toContainEqual({ event: "quotas-in-memory" });
  });

  it.each(["FASTMCP_QUOTA_PER_USER", "FASTMCP_QUOTA_PER_CLIENT"])("stops the start where %s is wrong", async (name) => {
    for (const value of ["-1", "1.5", "many", "1e999", ""]) {
      await expect(start({ [name]: value })).rejects.toThrow(`${name}: must be a whole number, at least 0`);
    }
  });

  it("is kept behind protect(), by the environment and by a policy file", async () => {
    const folder = await mkdtemp(join(tmpdir(), "quota-"));
    const file = join(folder, "policy.json");
    await writeFile(file, JSON.stringify({ quotas: { perUser: 1 } }));
    for (const env of [{ FASTMCP_AUTHORIZATION_FILE: file }, { FASTMCP_QUOTA_PER_USER: "1" }] as const) {
      for (const revision of REVISIONS) {
        const app = express();
        const build = () => {
          const server = new McpServer({ name: "t", version: "1" });
          server.registerTool("count", {}, async () => ({ content: [{ type: "text", text: "done" }] }));
          return server;
        };
        const { close } = await protect(app, build, {
          auth,
          env: { FASTMCP_ENV_FILE: "", ...env },
          logger: silentLogger,
        });
        onTestFinished(close);
        const origin = await serve(app);
        const { headers, body } = toolCall(revision, "count");
        const call = async () => {
          const init = { method: "POST", headers: { ...headers, Authorization: "Bearer alice.c" } };
          return (await fetch(`${origin}/mcp`, { ...init, body: JSON.stringify(body) })).text();
        };
        expect(await call()).toContain("done");
        expect(await call()).toMatch(/"isError":true.*Try again in \d+ seconds?\./);
      }
    }
  });

  it("counts nothing of strangers, and nothing that is refused for its rights", async () => {
    const { call, ask, works } = await start({ FASTMCP_QUOTA_PER_USER: "1" });
    for (let calls = 0; calls < 5; calls++) {
      expect((await call("alice")).status).toBe(401);
      expect((await ask("alice.c", "tools/call", { name: "guarded" })).status).toBe(403);
    }
    expect(await works("alice.c")).toBe(true);
  });

  it("is the lower of the environment's and the policy's", async () => {
    const folder = await mkdtemp(join(tmpdir(), "quota-"));
    const file = join(folder, "policy.json");
    await writeFile(file, JSON.stringify({ quotas: { perUser: 1, perClient: 5 } }));
    const byPolicy = await start({ FASTMCP_AUTHORIZATION_FILE: file });
    expect([await byPolicy.works("alice.c"), await byPolicy.works("alice.c")]).toEqual([true, false]);
    const both = await start({ FASTMCP_AUTHORIZATION_FILE: file, FASTMCP_QUOTA_PER_USER: "9" });
    expect([await both.works("alice.c"), await both.works("alice.c")]).toEqual([true, false]);
    const lower = await start({ FASTMCP_AUTHORIZATION_FILE: file, FASTMCP_QUOTA_PER_CLIENT: "0" });
    expect([await lower.works("alice.c"), await lower.works("alice.c")]).toEqual([true, false]);
  });

  it("is not there unless somebody sets it", async () => {
    const { works } = await start({});
    for (let calls = 0; calls < 20; calls++) {
      expect(await works("alice.c")).toBe(true);
    }
  });

  it("of a request of 2026-07-28 that isn't the call of a tool is refused by 429", async () => {
    const { post, call } = await start({ FASTMCP_QUOTA_PER_USER: "1" });
    await call("alice.c", "2026-07-28");
    const headers = { ...toolCall("2026-07-28", "count").headers, "Mcp-Method": "tools/list" };
    const body = { jsonrpc: "2.0", id: 1, method: "tools/list", params: { _meta: CLIENT_META } };
    expect((await post("alice.c", body, headers)).status).toBe(429);
  });
});
