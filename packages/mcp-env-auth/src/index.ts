// A file of its own: the entry of the package, which is its public interface. What handlers need of the SDK's values is
// in `mcp-env-auth/sdk`.
export type {
  CallToolResult,
  ContentBlock,
  GetPromptResult,
  InputRequiredResult,
  PromptMessage,
  ReadResourceResult,
  ServerContext,
  ToolAnnotations,
  Variables,
} from "@modelcontextprotocol/server";
export { type AccessToken, getAccessToken } from "./access-token.ts";
export { readVariable } from "./env/read-variable.ts";
export { ConfigError, OAuthError, ToolError } from "./errors.ts";
export { exchangeToken } from "./exchange-token.ts";
export { createGateway, type Gateway, type GatewayOptions } from "./gateway.ts";
export { Auth0Provider } from "./providers/auth0.ts";
export type { ToolAnswer, ToolConfig, ToolHandler } from "./server/offer/registration-types.ts";
export { protect } from "./server/protect.ts";
export { createServer, type MountedServer, type ProtectedServer, type ServerOptions } from "./server.ts";
export { tenantKey } from "./tenant-key.ts";
export { getUserInfo, type UserInfo } from "./user-info.ts";
