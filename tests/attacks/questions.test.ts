import { afterEach, describe, expect, it } from "vitest";
import { useAttackedServer } from "../support/attacked-server.ts";
import { until } from "../support/in-process.ts";
import { type AskingCall, beginSession, type SessionClient } from "../support/session-client.ts";

const FORM = { type: "object" as const, properties: { name: { type: "string" as const } } };
const CLIENT_META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "t", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": { elicitation: {} },
};

/** Why tools ended without an answer. */
const failed: string[] = [];

const attacked = useAttackedServer({
  provider: { users: ["alice", "bob"].map((username) => ({ username, permissions: [] })) },
  register: (server) => {
    server.registerTool("ask", {}, async ({ mcpReq }) => {
      try {
        const { content } = await mcpReq.elicitInput({ message: "Name?", requestedSchema: FORM });
        return `answered ${content?.name}`;
      } catch (error) {
        failed.push((error as Error).message);
        throw error;
      }
    });
    server.registerTool("open", { access: "public" }, () => "open");
  },
});

const calls: AskingCall[] = [];
afterEach(() => {
  for (const call of calls.splice(0)) {
    call.leave();
  }
});

async function connect(username: string) {
  const { accessToken: token, client: registered } = await attacked.login(username);
  return { token, registered, client: await beginSession(attacked.origin, token) };
}

/** Calls the tool that asks, up to its question. */
async function asked(client: SessionClient) {
  const call = await client.call("ask");
  calls.push(call);
  const question = await call.next();
  expect(question?.method).toBe("elicitation/create");
  return { call, question };
}

const textOf = async (call: AskingCall) => (await call.next())?.result?.content?.[0]?.text;
const answerTo = (question: { readonly id?: string | number } | undefined, name = "Eve") => ({
  jsonrpc: "2.0",
  id: question?.id,
  result: { action: "accept", content: { name } },
});

describe("Security rule 23: an answer", () => {
  it("counts neither from another user, nor from another client of the same user, whatever session they name", async () => {
    const alice = await connect("alice");
    const { call, question } = await asked(alice.client);
    for (const other of [await connect("bob"), await connect("alice")]) {
      expect((await other.client.post(answerTo(question))).status).toBe(400);
      expect((await other.client.post(answerTo(question), { session: alice.client.id })).status).toBe(404);
      const batch = [answerTo(question), { jsonrpc: "2.0", id: 5, method: "ping" }];
      await (await other.client.post(batch)).text();
      const without = await other.client.post(answerTo(question), { session: undefined });
      expect([202, 400]).toContain(without.status);
    }
    expect((await alice.client.answer(question, { name: "Ada" })).status).toBe(202);
    expect(await textOf(call)).toBe("answered Ada");
  });

  it("counts not from another session of the same client", async () => {
    const { token, client } = await connect("alice");
    const second = await beginSession(attacked.origin, token);
    const { call, question } = await asked(client);
    expect((await second.post(answerTo(question))).status).toBe(400);
    expect((await client.answer(question, { name: "Ada" })).status).toBe(202);
    expect(await textOf(call)).toBe("answered Ada");
  });

  it("counts once, and not after its tool has ended, or its session", async () => {
    const { client } = await connect("alice");
    const first = await asked(client);
    const answers = await Promise.all(["A", "B", "C"].map((name) => client.answer(first.question, { name })));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 400, 400]);
    expect(await textOf(first.call)).toMatch(/^answered [ABC]$/);
    expect((await client.post(answerTo(first.question))).status).toBe(400);

    const second = await asked(client);
    expect((await client.send("DELETE")).status).toBe(204);
    expect((await client.post(answerTo(second.question))).status).toBe(404);
  });

  it.each<[string, object]>([
    ["the SDK's own ids", { id: 0 }],
    ["the SDK's own ids as text", { id: "0" }],
    ["the id of the call", { id: 1 }],
    ["made-up ids", { id: "A".repeat(22) }],
    ["names of members that objects have", { id: "__proto__" }],
    ["no id", { id: null }],
  ])("by %s reaches no tool", async (_what, changes) => {
    const { client } = await connect("alice");
    const { call, question } = await asked(client);
    await (await client.post({ ...answerTo(question), ...changes })).text();
    expect((await client.answer(question, { name: "Ada" })).status).toBe(202);
    expect(await textOf(call)).toBe("answered Ada");
  });

  it("that is malformed is not taken for one", async () => {
    const { client } = await connect("alice");
    const { call, question } = await asked(client);
    for (const changes of [{ result: undefined }, { result: "yes" }, { result: undefined, error: "no" }]) {
      await (await client.post({ ...answerTo(question), ...changes })).text();
    }
    expect((await client.answer(question, { name: "Ada" })).status).toBe(202);
    expect(await textOf(call)).toBe("answered Ada");
  });

  it("counts not with a token that was revoked", async () => {
    const { client, token, registered } = await connect("alice");
    const { question } = await asked(client);
    await registered.revoke(token);
    expect((await client.post(answerTo(question))).status).toBe(401);
  });

  it("comes to nothing once the client has left: the tool fails, and nobody answers in its place", async () => {
    const { client } = await connect("alice");
    const { call, question } = await asked(client);
    call.leave();
    const params = { progressToken: question?.id, progress: 1 };
    const progress = { jsonrpc: "2.0", method: "notifications/progress", params };
    await until(async () => (await client.post(progress)).status === 400);
    await until(() => failed.length > 0);
    expect((await client.post(answerTo(question))).status).toBe(400);
  });
});

describe("Security rule 23: a session", () => {
  it("authenticates nobody, and is nobody else's", async () => {
    const alice = await connect("alice");
    const bob = await connect("bob");
    const ping = { jsonrpc: "2.0", id: 1, method: "ping" };
    expect((await alice.client.post(ping)).status).toBe(200);
    expect((await bob.client.post(ping, { session: alice.client.id })).status).toBe(404);
    expect((await alice.client.post(ping, { token: alice.client.id ?? "" })).status).toBe(401);
    expect((await alice.client.post(ping, { session: alice.token })).status).toBe(404);
    const stranger = await fetch(attacked.resource, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Mcp-Session-Id": alice.client.id ?? "" },
      body: JSON.stringify(ping),
    });
    expect(stranger.status).toBe(200);
    expect(await stranger.text()).toContain('"result":{}');
  });

  it("is never a stranger's", async () => {
    const params = { protocolVersion: "2025-11-25", capabilities: { elicitation: {} }, clientInfo: { name: "s" } };
    const stranger = await fetch(attacked.resource, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: { ...params, version: "1" } }),
    });
    expect(stranger.headers.get("mcp-session-id")).toBeNull();
    await stranger.text();
  });

  it("says nothing in requests of 2026-07-28, and is begun by none", async () => {
    const alice = await connect("alice");
    const bob = await connect("bob");
    const modern = (method: string, params: object, headers: Record<string, string> = {}) =>
      fetch(attacked.resource, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          Accept: "application/json, text/event-stream",
          Authorization: `Bearer ${bob.token}`,
          "MCP-Protocol-Version": "2026-07-28",
          "Mcp-Method": method,
          "Mcp-Session-Id": alice.client.id ?? "",
          ...headers,
        },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta: CLIENT_META } }),
      });
    const discovered = await modern("server/discover", {});
    expect(discovered.status).toBe(200);
    expect(discovered.headers.get("mcp-session-id")).toBeNull();
    const called = await modern("tools/call", { name: "ask", arguments: {} }, { "Mcp-Name": "ask" });
    const answer = await called.text();
    expect(answer).toContain("isError");
    expect(answer).not.toContain("elicitation/create");
    const initialized = await modern("initialize", { capabilities: { elicitation: {} } });
    expect(initialized.headers.get("mcp-session-id")).toBeNull();
    const ended = await fetch(attacked.resource, {
      method: "DELETE",
      headers: {
        Authorization: `Bearer ${alice.token}`,
        "MCP-Protocol-Version": "2026-07-28",
        "Mcp-Session-Id": alice.client.id ?? "",
      },
    });
    expect(ended.status).toBe(405);
    expect((await alice.client.post({ jsonrpc: "2.0", id: 1, method: "ping" })).status).toBe(200);
  });

  it("is short, whatever a client says of itself", async () => {
    const { token } = await connect("alice");
    const text = "\u0001".repeat(20_000);
    const { id = "" } = await beginSession(attacked.origin, token, {
      capabilities: { elicitation: { form: { text } }, sampling: { text }, experimental: { text } },
      clientInfo: { name: text, version: text, title: text, websiteUrl: text },
    });
    expect(id).not.toBe("");
    expect(id.length).toBeLessThanOrEqual(2000);
  });

  it("is in no log, and no question's id is", async () => {
    const { client } = await connect("alice");
    const { call, question } = await asked(client);
    await client.answer(question, { name: "Ada" });
    expect(await textOf(call)).toBe("answered Ada");
    await client.post(answerTo(question), { session: `${client.id}x` });
    const log = JSON.stringify(attacked.server.lines);
    expect(log).not.toContain(client.id);
    expect(log).not.toContain(String(question?.id));
  });
});

describe("Security rule 23: open questions", () => {
  it("of one user leave room for those of another", async () => {
    const alice = await connect("alice");
    const open = await Promise.all(Array.from({ length: 16 }, () => asked(alice.client)));
    const other = await beginSession(attacked.origin, alice.token);
    const refused = await other.call("ask");
    expect(await textOf(refused)).toContain("16 questions");
    const bob = await connect("bob");
    const { call, question } = await asked(bob.client);
    await bob.client.answer(question, { name: "Bob" });
    expect(await textOf(call)).toBe("answered Bob");
    await alice.client.answer(open[0]?.question, { name: "Ada" });
    expect(await textOf(open[0]?.call as AskingCall)).toBe("answered Ada");
    await asked(other);
  });
});
