import { createServer, getAccessToken } from "mcp-env-auth";
import * as z from "zod";

export const server = createServer({ name: "Minimal MCP", version: "0.1.0" });

server.registerTool(
  "greet",
  {
    description: "Greet the user who is logged in.",
    inputSchema: z.object({ greeting: z.string().trim().min(1).max(100).default("Hello") }),
    outputSchema: z.object({ text: z.string() }),
    annotations: { readOnlyHint: true },
  },
  ({ greeting }) => ({ text: `${greeting}, ${getAccessToken().subject}!` }),
);

await server.run();
