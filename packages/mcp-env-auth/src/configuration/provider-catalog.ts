import { Auth0Provider } from "../providers/auth0.ts";
import type { DeclaredProvider, ProviderDeclaration } from "../providers/declaration.ts";

/**
 * A provider that FASTMCP_SERVER_AUTH can name: what tells it from others, and the rest to be loaded when it is named.
 */
export interface KnownProvider extends Pick<ProviderDeclaration, "aliases" | "classPath" | "prefix" | "title"> {
  load(): Promise<DeclaredProvider>;
}

// From here on written by scripts/generate-docs.mjs, from built-in-providers.ts.

/** The providers of this package, in the order of the list. */
export const providerCatalog: readonly KnownProvider[] = [
  {
    classPath: "fastmcp.server.auth.providers.auth0.Auth0Provider",
    aliases: ["AUTH0"],
    prefix: "FASTMCP_SERVER_AUTH_AUTH0_",
    title: "Auth0",
    load: async () => Auth0Provider,
  },
  {
    classPath: "fastmcp.server.auth.providers.auth0.Auth0MCPProvider",
    aliases: ["AUTH0MCP", "AUTH0_MCP"],
    prefix: "FASTMCP_SERVER_AUTH_AUTH0MCP_",
    title: "Auth0, with clients registered there",
    load: async () => (await import("../providers/auth0-mcp.ts")).Auth0MCPProvider,
  },
  {
    classPath: "mcp_env_auth.providers.authentik.AuthentikProvider",
    aliases: ["AUTHENTIK", "fastmcp.server.auth.providers.authentik.AuthentikProvider"],
    prefix: "FASTMCP_SERVER_AUTH_AUTHENTIK_",
    title: "authentik",
    load: async () => (await import("../providers/authentik.ts")).AuthentikProvider,
  },
  {
    classPath: "fastmcp.server.auth.providers.workos.AuthKitProvider",
    aliases: ["AUTHKIT"],
    prefix: "FASTMCP_SERVER_AUTH_AUTHKITPROVIDER_",
    title: "WorkOS AuthKit",
    load: async () => (await import("../providers/authkit.ts")).AuthKitProvider,
  },
  {
    classPath: "fastmcp.server.auth.providers.aws.AWSCognitoProvider",
    aliases: ["AWS_COGNITO", "AWSCOGNITO"],
    prefix: "FASTMCP_SERVER_AUTH_AWS_COGNITO_",
    title: "Amazon Cognito",
    load: async () => (await import("../providers/aws-cognito.ts")).AWSCognitoProvider,
  },
  {
    classPath: "fastmcp.server.auth.providers.azure.AzureProvider",
    aliases: ["AZURE"],
    prefix: "FASTMCP_SERVER_AUTH_AZURE_",
    title: "Microsoft Entra ID",
    load: async () => (await import("../providers/azure.ts")).AzureProvider,
  },
  {
    classPath: "fastmcp.server.auth.providers.clerk.ClerkProvider",
    aliases: ["CLERK"],
    prefix: "FASTMCP_SERVER_AUTH_CLERK_",
    title: "Clerk",
    load: async () => (await import("../providers/clerk.ts")).ClerkProvider,
  },
  {
    classPath: "fastmcp.server.auth.providers.descope.DescopeProvider",
    aliases: ["DESCOPE"],
    prefix: "FASTMCP_SERVER_AUTH_DESCOPEPROVIDER_",
    title: "Descope",
    load: async () => (await import("../providers/descope.ts")).DescopeProvider,
  },
  {
    classPath: "fastmcp.server.auth.providers.discord.DiscordProvider",
    aliases: ["DISCORD"],
    prefix: "FASTMCP_SERVER_AUTH_DISCORD_",
    title: "Discord",
    load: async () => (await import("../providers/discord.ts")).DiscordProvider,
  },
  {
    classPath: "fastmcp.server.auth.providers.github.GitHubProvider",
    aliases: ["GITHUB"],
    prefix: "FASTMCP_SERVER_AUTH_GITHUB_",
    title: "GitHub",
    load: async () => (await import("../providers/github.ts")).GitHubProvider,
  },
  {
    classPath: "fastmcp.server.auth.providers.google.GoogleProvider",
    aliases: ["GOOGLE"],
    prefix: "FASTMCP_SERVER_AUTH_GOOGLE_",
    title: "Google",
    load: async () => (await import("../providers/google.ts")).GoogleProvider,
  },
  {
    classPath: "fastmcp.server.auth.providers.huggingface.HuggingFaceProvider",
    aliases: ["HUGGINGFACE"],
    prefix: "FASTMCP_SERVER_AUTH_HUGGINGFACE_",
    title: "Hugging Face",
    load: async () => (await import("../providers/huggingface.ts")).HuggingFaceProvider,
  },
  {
    classPath: "fastmcp.server.auth.providers.keycloak.KeycloakAuthProvider",
    aliases: ["KEYCLOAK", "KEYCLOAKAUTH"],
    prefix: "FASTMCP_SERVER_AUTH_KEYCLOAK_",
    title: "Keycloak",
    load: async () => (await import("../providers/keycloak.ts")).KeycloakAuthProvider,
  },
  {
    classPath: "mcp_env_auth.providers.logto.LogtoProvider",
    aliases: ["LOGTO", "fastmcp.server.auth.providers.logto.LogtoProvider"],
    prefix: "FASTMCP_SERVER_AUTH_LOGTO_",
    title: "Logto",
    load: async () => (await import("../providers/logto.ts")).LogtoProvider,
  },
  {
    classPath: "fastmcp.server.auth.providers.oci.OCIProvider",
    aliases: ["OCI"],
    prefix: "FASTMCP_SERVER_AUTH_OCI_",
    title: "Oracle Cloud Infrastructure",
    load: async () => (await import("../providers/oci.ts")).OCIProvider,
  },
  {
    classPath: "mcp_env_auth.providers.okta.OktaProvider",
    aliases: ["OKTA", "fastmcp.server.auth.providers.okta.OktaProvider"],
    prefix: "FASTMCP_SERVER_AUTH_OKTA_",
    title: "Okta",
    load: async () => (await import("../providers/okta.ts")).OktaProvider,
  },
  {
    classPath: "fastmcp.server.auth.providers.propelauth.PropelAuthProvider",
    aliases: ["PROPELAUTH"],
    prefix: "FASTMCP_SERVER_AUTH_PROPELAUTH_",
    title: "PropelAuth",
    load: async () => (await import("../providers/propelauth.ts")).PropelAuthProvider,
  },
  {
    classPath: "fastmcp.server.auth.providers.scalekit.ScalekitProvider",
    aliases: ["SCALEKIT"],
    prefix: "FASTMCP_SERVER_AUTH_SCALEKITPROVIDER_",
    title: "Scalekit",
    load: async () => (await import("../providers/scalekit.ts")).ScalekitProvider,
  },
  {
    classPath: "fastmcp.server.auth.providers.supabase.SupabaseProvider",
    aliases: ["SUPABASE"],
    prefix: "FASTMCP_SERVER_AUTH_SUPABASE_",
    title: "Supabase",
    load: async () => (await import("../providers/supabase.ts")).SupabaseProvider,
  },
  {
    classPath: "fastmcp.server.auth.providers.workos.WorkOSProvider",
    aliases: ["WORKOS"],
    prefix: "FASTMCP_SERVER_AUTH_WORKOS_",
    title: "WorkOS",
    load: async () => (await import("../providers/workos.ts")).WorkOSProvider,
  },
  {
    classPath: "mcp_env_auth.providers.zitadel.ZitadelProvider",
    aliases: ["ZITADEL", "fastmcp.server.auth.providers.zitadel.ZitadelProvider"],
    prefix: "FASTMCP_SERVER_AUTH_ZITADEL_",
    title: "Zitadel",
    load: async () => (await import("../providers/zitadel.ts")).ZitadelProvider,
  },
  {
    classPath: "fastmcp.server.auth.oidc_proxy.OIDCProxy",
    aliases: ["OIDC", "fastmcp.server.auth.OIDCProxy"],
    prefix: "FASTMCP_SERVER_AUTH_OIDC_",
    title: "OpenID Connect",
    load: async () => (await import("../providers/oidc.ts")).OIDCProxy,
  },
  {
    classPath: "fastmcp.server.auth.oauth_proxy.OAuthProxy",
    aliases: ["OAUTH", "fastmcp.server.auth.OAuthProxy"],
    prefix: "FASTMCP_SERVER_AUTH_OAUTH_",
    title: "OAuth 2.0",
    load: async () => (await import("../providers/oauth.ts")).OAuthProxy,
  },
  {
    classPath: "fastmcp.server.auth.RemoteAuthProvider",
    aliases: ["REMOTE", "REMOTEAUTH", "fastmcp.server.auth.auth.RemoteAuthProvider"],
    prefix: "FASTMCP_SERVER_AUTH_REMOTE_",
    title: "A remote authorization server",
    load: async () => (await import("../providers/remote.ts")).RemoteAuthProvider,
  },
  {
    classPath: "fastmcp.server.auth.providers.introspection.IntrospectionTokenVerifier",
    aliases: ["INTROSPECTION"],
    prefix: "FASTMCP_SERVER_AUTH_INTROSPECTION_",
    title: "Token introspection",
    load: async () => (await import("../providers/introspection.ts")).IntrospectionTokenVerifier,
  },
  {
    classPath: "fastmcp.server.auth.providers.jwt.JWTVerifier",
    aliases: ["JWT", "fastmcp.server.auth.JWTVerifier", "fastmcp.server.auth.providers.bearer.BearerAuthProvider"],
    prefix: "FASTMCP_SERVER_AUTH_JWT_",
    title: "JWT verification",
    load: async () => (await import("../providers/jwt.ts")).JWTVerifier,
  },
  {
    classPath: "fastmcp.server.auth.providers.jwt.StaticTokenVerifier",
    aliases: ["STATIC", "STATICTOKEN", "fastmcp.server.auth.StaticTokenVerifier"],
    prefix: "FASTMCP_SERVER_AUTH_STATIC_",
    title: "Static tokens (development only)",
    load: async () => (await import("../providers/static-tokens.ts")).StaticTokenVerifier,
  },
  {
    classPath: "fastmcp.server.auth.providers.debug.DebugTokenVerifier",
    aliases: ["DEBUG", "fastmcp.server.auth.DebugTokenVerifier"],
    prefix: "FASTMCP_SERVER_AUTH_DEBUG_",
    title: "Every token (development only)",
    load: async () => (await import("../providers/debug.ts")).DebugTokenVerifier,
  },
];
