import { Auth0Provider } from "../providers/auth0.ts";
import { Auth0MCPProvider } from "../providers/auth0-mcp.ts";
import { AuthentikProvider } from "../providers/authentik.ts";
import { AuthKitProvider } from "../providers/authkit.ts";
import { AWSCognitoProvider } from "../providers/aws-cognito.ts";
import { AzureProvider } from "../providers/azure.ts";
import { ClerkProvider } from "../providers/clerk.ts";
import { DebugTokenVerifier } from "../providers/debug.ts";
import type { DeclaredProvider } from "../providers/declaration.ts";
import { DescopeProvider } from "../providers/descope.ts";
import { DiscordProvider } from "../providers/discord.ts";
import { GitHubProvider } from "../providers/github.ts";
import { GoogleProvider } from "../providers/google.ts";
import { HuggingFaceProvider } from "../providers/huggingface.ts";
import { IntrospectionTokenVerifier } from "../providers/introspection.ts";
import { JWTVerifier } from "../providers/jwt.ts";
import { KeycloakAuthProvider } from "../providers/keycloak.ts";
import { LogtoProvider } from "../providers/logto.ts";
import { OAuthProxy } from "../providers/oauth.ts";
import { OCIProvider } from "../providers/oci.ts";
import { OIDCProxy } from "../providers/oidc.ts";
import { OktaProvider } from "../providers/okta.ts";
import { PropelAuthProvider } from "../providers/propelauth.ts";
import { RemoteAuthProvider } from "../providers/remote.ts";
import { ScalekitProvider } from "../providers/scalekit.ts";
import { StaticTokenVerifier } from "../providers/static-tokens.ts";
import { SupabaseProvider } from "../providers/supabase.ts";
import { WorkOSProvider } from "../providers/workos.ts";
import { ZitadelProvider } from "../providers/zitadel.ts";

/**
 * The providers that FASTMCP_SERVER_AUTH can name: the one list of them. It loads all, which a server never does; so
 * provider-catalog.ts and what `mcp-env-auth/providers` exports are generated from it, by scripts/generate-docs.mjs.
 */
export const builtInProviders: readonly DeclaredProvider[] = [
  Auth0Provider,
  Auth0MCPProvider,
  AuthentikProvider,
  AuthKitProvider,
  AWSCognitoProvider,
  AzureProvider,
  ClerkProvider,
  DescopeProvider,
  DiscordProvider,
  GitHubProvider,
  GoogleProvider,
  HuggingFaceProvider,
  KeycloakAuthProvider,
  LogtoProvider,
  OCIProvider,
  OktaProvider,
  PropelAuthProvider,
  ScalekitProvider,
  SupabaseProvider,
  WorkOSProvider,
  ZitadelProvider,
  OIDCProxy,
  OAuthProxy,
  RemoteAuthProvider,
  IntrospectionTokenVerifier,
  JWTVerifier,
  StaticTokenVerifier,
  DebugTokenVerifier,
];
