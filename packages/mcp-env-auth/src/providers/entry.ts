/** The entry `mcp-env-auth/providers`: the providers but `Auth0Provider`, and what it takes to write one. */
export { fields } from "../env/fields.ts";
export type { Authentication, AuthProvider, AuthProviderContext, ResourceDescription } from "./auth-provider.ts";
export {
  type CheckContext,
  type DeclaredProvider,
  defineProvider,
  type ProviderClass,
  type ProviderDeclaration,
} from "./declaration.ts";

// From here on written by scripts/generate-docs.mjs, from built-in-providers.ts.

export { Auth0MCPProvider } from "./auth0-mcp.ts";
export { AuthentikProvider } from "./authentik.ts";
export { AuthKitProvider } from "./authkit.ts";
export { AWSCognitoProvider } from "./aws-cognito.ts";
export { AzureProvider } from "./azure.ts";
export { ClerkProvider } from "./clerk.ts";
export { DebugTokenVerifier } from "./debug.ts";
export { DescopeProvider } from "./descope.ts";
export { DiscordProvider } from "./discord.ts";
export { GitHubProvider } from "./github.ts";
export { GoogleProvider } from "./google.ts";
export { HuggingFaceProvider } from "./huggingface.ts";
export { IntrospectionTokenVerifier } from "./introspection.ts";
export { JWTVerifier } from "./jwt.ts";
export { KeycloakAuthProvider } from "./keycloak.ts";
export { LogtoProvider } from "./logto.ts";
export { OAuthProxy } from "./oauth.ts";
export { OCIProvider } from "./oci.ts";
export { OIDCProxy } from "./oidc.ts";
export { OktaProvider } from "./okta.ts";
export { PropelAuthProvider } from "./propelauth.ts";
export { RemoteAuthProvider } from "./remote.ts";
export { ScalekitProvider } from "./scalekit.ts";
export { StaticTokenVerifier } from "./static-tokens.ts";
export { SupabaseProvider } from "./supabase.ts";
export { WorkOSProvider } from "./workos.ts";
export { ZitadelProvider } from "./zitadel.ts";
