// A server as its users write one, configured by the environment alone, whose tools say what it knows of the caller.
import { createServer, exchangeToken, getAccessToken } from "mcp-env-auth";
import * as z from "zod";

const server = createServer({ name: "Behind a real provider", version: "1.0.0" });

server.registerTool("whoami", { description: "Who is asking" }, () => {
  const { subject, clientId, scopes, roles } = getAccessToken();
  return { subject, clientId, scopes, roles };
});
server.registerTool(
  "exchange",
  { description: "A token for another API", inputSchema: z.object({ audience: z.string() }) },
  ({ audience }) => exchangeToken({ audience }),
);

await server.run();
