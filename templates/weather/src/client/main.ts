// npm run client: logs in with the browser and calls the weather server's tools.
import { parseArgs } from "node:util";
import type { CallToolResult } from "@modelcontextprotocol/client";
import { readVariable } from "mcp-env-auth";
import { connect } from "./connect.ts";
import { openCredentials } from "./credentials-file.ts";
import { logOut } from "./log-out.ts";
import { checkWebUrl, openBrowser } from "./open-browser.ts";

const USAGE = `npm run client -- [options] [city]

  city          whose weather to ask for (default Berlin)
  --save        save the city, for which the server asks for one more permission
  --url <url>   the MCP endpoint (default: of the server that .env describes)
  --client-id <id>
                the id that somebody registered the client under; its secret,
                if it has one, is read from MCP_CLIENT_SECRET
  --client-metadata-url <url>
                the client's own id metadata document
  --logout      end the session of earlier runs
  --help`;

/** @returns The exit code: 1 when a tool answered an error. */
async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      url: { type: "string", default: ownEndpoint() },
      save: { type: "boolean", default: false },
      "client-id": { type: "string" },
      "client-metadata-url": { type: "string" },
      logout: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const url = new URL(values.url);
  checkWebUrl(url);
  const credentials = openCredentials(url);
  if (values.logout) {
    console.log((await logOut(url, credentials)) ? "Logged out." : "Nobody was logged in.");
    return 0;
  }
  const city = positionals.join(" ") || "Berlin";
  const identity = {
    id: values["client-id"],
    secret: process.env.MCP_CLIENT_SECRET,
    metadataUrl: values["client-metadata-url"],
  };
  const connection = await connect({ url, identity, credentials, openBrowser });
  let failed = false;
  const callTool = async (name: string, input: Record<string, unknown> = {}) => {
    const result = await connection.call((client) => client.callTool({ name, arguments: input }));
    show(name, result);
    failed ||= result.isError === true;
  };
  try {
    await callTool("current_weather", { city });
    await callTool("forecast", { city, days: 3 });
    await callTool(values.save ? "save_place" : "list_saved_places", values.save ? { city } : {});
  } finally {
    await connection.close();
  }
  return failed ? 1 : 0;
}

function ownEndpoint(): string {
  const baseUrl = readVariable("FASTMCP_SERVER_AUTH_AUTH0_BASE_URL") || "http://localhost:8000";
  return `${baseUrl.replace(/\/$/, "")}${readVariable("FASTMCP_STREAMABLE_HTTP_PATH") || "/mcp"}`;
}

function show(tool: string, { isError, structuredContent, content }: CallToolResult): void {
  console.log(`\n${tool}`);
  if (isError) {
    console.log(content.map((block) => (block.type === "text" ? block.text : block.type)).join("\n"));
  } else {
    console.log(JSON.stringify(structuredContent, null, 2));
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // The MCP SDK says first what it was doing.
  console.error(error instanceof Error ? error.message.replace("Version negotiation probe failed: ", "") : error);
  process.exitCode = 1;
}
