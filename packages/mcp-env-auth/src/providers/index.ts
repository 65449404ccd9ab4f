/** The entry `mcp-env-auth/providers`: the providers but `Auth0Provider`, and what it takes to write one. */
export { fields } from "../env/fields.ts";
export type { Authentication, AuthProvider, AuthProviderContext } from "./auth-provider.ts";
export {
  type CheckContext,
  type DeclaredProvider,
  defineProvider,
  type ProviderClass,
  type ProviderDeclaration,
} from "./declaration.ts";
export { GitHubProvider } from "./github.ts";
export { JWTVerifier } from "./jwt.ts";
