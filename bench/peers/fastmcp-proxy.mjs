// npm fastmcp with its own OAuth proxy, as its documentation sets it up for Auth0.
import { FastMCP, OAuthProvider, requireAuth } from "fastmcp";
import { DESCRIPTION, greet, TOOL_NAMES, textSchema } from "../servers/tools.mjs";

const { PORT, BASE_URL, ISSUER, CLIENT_ID, CLIENT_SECRET } = process.env;

const server = new FastMCP({
  name: "bench",
  version: "1.0.0",
  auth: new OAuthProvider({
    authorizationEndpoint: `${ISSUER}authorize`,
    tokenEndpoint: `${ISSUER}oauth/token`,
    baseUrl: BASE_URL,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    scopes: ["openid", "offline_access"],
  }),
});
for (const name of TOOL_NAMES) {
  const execute = async (input) => greet(input);
  server.addTool({ name, description: DESCRIPTION, parameters: textSchema(), canAccess: requireAuth, execute });
}
await server.start({
  transportType: "httpStream",
  httpStream: { port: Number(PORT), host: "127.0.0.1", stateless: true },
});
