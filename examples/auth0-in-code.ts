/**
 * Auth0 wired in code, from variables of your own names. Everything that `FASTMCP_SERVER_AUTH_AUTH0_…` can set is an
 * option of `Auth0Provider`.
 */
import { Auth0Provider, createServer, getAccessToken } from "mcp-env-auth";

const {
  AUTH0_DOMAIN = "",
  AUTH0_CLIENT_ID = "",
  AUTH0_CLIENT_SECRET = "",
  AUTH0_AUDIENCE = "",
  BASE_URL = "",
} = process.env;

// A tenant's domain, or the http address of a local dev-auth0.
const tenant = AUTH0_DOMAIN.includes("://") ? AUTH0_DOMAIN.replace(/\/$/, "") : `https://${AUTH0_DOMAIN}`;

const auth = new Auth0Provider({
  configUrl: `${tenant}/.well-known/openid-configuration`,
  clientId: AUTH0_CLIENT_ID,
  clientSecret: AUTH0_CLIENT_SECRET,
  audience: AUTH0_AUDIENCE,
  baseUrl: BASE_URL,
  requiredScopes: ["openid"],
  redirectPath: "/auth/callback",
});

const server = createServer({ name: "Who am I", version: "1.0.0", auth });

server.registerTool("whoami", { description: "Who the server thinks you are." }, async () => {
  const { subject, scopes } = getAccessToken();
  return { subject, scopes };
});

await server.run();
