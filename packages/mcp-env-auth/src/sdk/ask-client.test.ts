import { type JSONRPCMessage, McpServer, type Transport } from "@modelcontextprotocol/server";
import { describe, expect, it } from "vitest";
import { type Asker, askThrough } from "./ask-client.ts";

const CLIENT = { name: "test", version: "1" };

/** A server with a tool that asks for roots, on a connection whose messages are kept. */
async function connected(open: Asker["open"] | undefined, timeout = 20_000) {
  const sent: JSONRPCMessage[] = [];
  const transport: Transport = {
    start: async () => {},
    send: async (message) => void sent.push(message),
    close: async () => {},
  };
  const server = new McpServer({ name: "asks", version: "1" });
  const session = {
    ...{ key: "k", user: "u", revision: "2025-11-25", clientInfo: CLIENT, expiresAt: 2e9, isSpread: false },
    capabilities: { roots: {} },
  };
  askThrough(server, open && { session, open });
  const failures: unknown[] = [];
  server.registerTool("ask", {}, async () => {
    const roots = await server.server.listRoots({}, { timeout }).catch((error: unknown) => void failures.push(error));
    return { content: [{ type: "text", text: JSON.stringify(roots ?? null) }] };
  });
  await server.connect(transport);
  transport.onmessage?.({ jsonrpc: "2.0", id: 7, method: "tools/call", params: { name: "ask", arguments: {} } });
  return { server, transport, sent, failures };
}

/** A question that is open once `finish` was called. */
function slowQuestion() {
  const closed: string[] = [];
  const begun: (() => void)[] = [];
  const open: Asker["open"] = async () => {
    await new Promise<void>((resolve) => {
      begun.push(resolve);
    });
    return { id: "late", close: () => void closed.push("late") };
  };
  return { open, begun, closed, finish: () => begun[0]?.() };
}

describe("a server that asks its client", () => {
  it("knows what the client declared, and sends questions under ids that are not its own", async () => {
    const { sent } = await connected(async (take) => {
      setTimeout(() => take({ result: { roots: [{ uri: "file:///a" }] } }));
      return { id: "unguessable", close() {} };
    });
    await expect.poll(() => sent).toHaveLength(2);
    expect(sent[0]).toMatchObject({ method: "roots/list", id: "unguessable" });
    expect(JSON.stringify(sent[1])).toContain("file:///a");
  });

  it("sends nothing of a question whose time was over before it was open", async () => {
    const { open, closed, finish } = slowQuestion();
    const { sent, failures } = await connected(open, 1);
    await expect.poll(() => sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ id: 7, result: {} });
    expect(failures).toHaveLength(1);
    finish();
    await expect.poll(() => closed).toEqual(["late"]);
    expect(sent).toHaveLength(1);
  });

  it("has no question open once the connection has ended, also one that was being opened", async () => {
    const { open, begun, closed, finish } = slowQuestion();
    const { transport, failures } = await connected(open);
    await expect.poll(() => begun).toHaveLength(1);
    transport.onclose?.();
    finish();
    await expect.poll(() => closed).toEqual(["late"]);
    expect(failures).toHaveLength(1);
  });

  it("fails at once without a session", async () => {
    const { failures } = await connected(undefined);
    await expect.poll(() => failures).toHaveLength(1);
    expect(String(failures[0])).toContain("Mcp-Session-Id");
  });
});
