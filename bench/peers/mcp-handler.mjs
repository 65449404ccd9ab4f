// mcp-handler with its own auth wrapper and a JWKS verifier, on Hono.
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { createMcpHandler, protectedResourceHandler, withMcpAuth } from "mcp-handler";
import { DESCRIPTION, greet, TOOL_NAMES, textSchema } from "../servers/tools.mjs";
import { verifyJwt } from "../servers/verify-jwt.mjs";

const { PORT, ISSUER } = process.env;

const handler = createMcpHandler((server) => {
  for (const name of TOOL_NAMES) {
    server.registerTool(name, { description: DESCRIPTION, inputSchema: textSchema() }, async (input) => ({
      content: [{ type: "text", text: greet(input) }],
    }));
  }
});
const protectedHandler = withMcpAuth(
  handler,
  async (_request, token) => {
    if (token === undefined) {
      return undefined;
    }
    const { subject, scopes, expiresAt } = await verifyJwt(token);
    return { token, clientId: subject, scopes, expiresAt };
  },
  { required: true, requiredScopes: ["weather:read"] },
);

const app = new Hono();
app.get("/.well-known/oauth-protected-resource", (context) =>
  protectedResourceHandler({ authServerUrls: [ISSUER] })(context.req.raw),
);
app.all("/mcp", (context) => protectedHandler(context.req.raw));
serve({ fetch: app.fetch, port: Number(PORT), hostname: "127.0.0.1" });
