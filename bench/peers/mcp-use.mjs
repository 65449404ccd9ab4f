// mcp-use with its own Auth0 provider.
import { MCPServer } from "mcp-use";
import { oauthAuth0Provider } from "mcp-use/oauth/auth0";
import { DESCRIPTION, greet, TOOL_NAMES, textSchema } from "../servers/tools.mjs";

const { PORT, BASE_URL, ISSUER } = process.env;

const server = new MCPServer({
  name: "bench",
  version: "1.0.0",
  host: "127.0.0.1",
  port: Number(PORT),
  oauth: oauthAuth0Provider({ domain: ISSUER, resource: `${BASE_URL}/mcp`, requiredScopes: ["weather:read"] }),
});
for (const name of TOOL_NAMES) {
  server.tool({ name, description: DESCRIPTION, inputSchema: textSchema() }, async (input) => ({
    content: [{ type: "text", text: greet(input) }],
  }));
}
await server.listen(Number(PORT));
