// mcp-env-auth, as its users write it: which provider protects it, the environment says.
import { createServer } from "mcp-env-auth";
import { DESCRIPTION, greet, TOOL_NAMES, textSchema } from "./tools.mjs";

const server = createServer({ name: "bench", version: "1.0.0" });
for (const name of TOOL_NAMES) {
  server.registerTool(name, { description: DESCRIPTION, inputSchema: textSchema() }, greet);
}
await server.run();
