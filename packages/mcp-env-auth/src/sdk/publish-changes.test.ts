import { InMemoryTransport, McpServer, type ServerEvent } from "@modelcontextprotocol/server";
import { describe, expect, it } from "vitest";
import { publishChanges } from "./publish-changes.ts";

async function connected() {
  const server = new McpServer({ name: "test", version: "1" }, { capabilities: { resources: {}, logging: {} } });
  const published: ServerEvent[] = [];
  publishChanges(server, (event) => published.push(event));
  server.registerTool("a", {}, () => ({ content: [] }));
  const [client, transport] = InMemoryTransport.createLinkedPair();
  const sent: unknown[] = [];
  client.onmessage = (message) => void sent.push(message);
  await client.start();
  await server.connect(transport);
  return { server, published, sent };
}

describe("the changes that an SDK server tells of itself", () => {
  it("are published when they are about a list, also when it registers something", async () => {
    const { server, published, sent } = await connected();
    server.sendToolListChanged();
    server.sendPromptListChanged();
    await server.server.sendResourceListChanged();
    const lists = [
      { kind: "tools_list_changed" },
      { kind: "prompts_list_changed" },
      { kind: "resources_list_changed" },
    ];
    expect(published).toEqual(lists);
    server.registerTool("b", {}, () => ({ content: [] }));
    expect(published).toEqual([...lists, { kind: "tools_list_changed" }]);
    expect(sent).toEqual([]);
  });

  it("are refused when they are about a resource, with the name of what to call", async () => {
    const { server, published } = await connected();
    await expect(server.server.sendResourceUpdated({ uri: "test://1" })).rejects.toThrow(
      /notify\.resourceUpdated\(uri, \{ to \}\)/,
    );
    expect(published).toEqual([]);
  });

  it("are nothing else: other notifications go to the client", async () => {
    const { server, sent } = await connected();
    await server.server.sendLoggingMessage({ level: "error", data: "it" });
    expect(sent).toMatchObject([{ method: "notifications/message" }]);
  });
});
