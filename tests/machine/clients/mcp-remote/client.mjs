// node client.mjs MCP_REMOTE URL STEP...: takes steps at a protected MCP server with a client that knows only stdio,
// and mcp-remote, the script MCP_REMOTE, in between. A step is list, or TOOL=ARGUMENTS, the arguments as JSON. Each
// prints a line of JSON. Logins open $BROWSER.
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

const [script = "", url = "", ...steps] = process.argv.slice(2);
const { HOME = "", PATH = "", BROWSER = "" } = process.env;

const client = new Client({ name: "stdio-client", version: "1.0.0" });
try {
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [script, url],
      env: { HOME, PATH, BROWSER, MCP_REMOTE_CONFIG_DIR: join(HOME, "mcp-remote") },
    }),
  );
  for (const step of steps) {
    const [name = "", argument = "{}"] = step.split(/=(.*)/s);
    const result =
      name === "list" ? await client.listTools() : await client.callTool({ name, arguments: JSON.parse(argument) });
    console.log(JSON.stringify(result));
  }
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
}
await client.close();
