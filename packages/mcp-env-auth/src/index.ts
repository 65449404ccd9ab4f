export { type AccessToken, getAccessToken } from "./access-token.ts";
export { readVariable } from "./env/read-variable.ts";
export { ConfigError, OAuthError, ToolError } from "./errors.ts";
export { exchangeToken } from "./exchange-token.ts";
export { Auth0Provider } from "./providers/auth0.ts";
export { protect } from "./server/protect.ts";
export { createServer, type ProtectedServer, type ServerOptions } from "./server.ts";
export { tenantKey } from "./tenant-key.ts";
