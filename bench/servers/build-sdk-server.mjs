import { McpServer } from "@modelcontextprotocol/server";
import { DESCRIPTION, greet, TOOL_NAMES, textSchema } from "./tools.mjs";

/** The SDK's server for one request, as the SDK's documentation builds it. */
export function buildSdkServer() {
  const server = new McpServer({ name: "bench", version: "1.0.0" });
  for (const name of TOOL_NAMES) {
    server.registerTool(name, { description: DESCRIPTION, inputSchema: textSchema() }, async (input) => ({
      content: [{ type: "text", text: greet(input) }],
    }));
  }
  return server;
}
