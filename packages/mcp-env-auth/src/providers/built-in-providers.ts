import { Auth0Provider } from "./auth0.ts";
import { Auth0MCPProvider } from "./auth0-mcp.ts";
import { AuthKitProvider } from "./authkit.ts";
import { AWSCognitoProvider } from "./aws-cognito.ts";
import { AzureProvider } from "./azure.ts";
import { ClerkProvider } from "./clerk.ts";
import { DebugTokenVerifier } from "./debug.ts";
import type { DeclaredProvider } from "./declaration.ts";
import { DescopeProvider } from "./descope.ts";
import { DiscordProvider } from "./discord.ts";
import { GitHubProvider } from "./github.ts";
import { GoogleProvider } from "./google.ts";
import { HuggingFaceProvider } from "./huggingface.ts";
import { IntrospectionTokenVerifier } from "./introspection.ts";
import { JWTVerifier } from "./jwt.ts";
import { KeycloakAuthProvider } from "./keycloak.ts";
import { OAuthProxy } from "./oauth.ts";
import { OCIProvider } from "./oci.ts";
import { OIDCProxy } from "./oidc.ts";
import { PropelAuthProvider } from "./propelauth.ts";
import { RemoteAuthProvider } from "./remote.ts";
import { ScalekitProvider } from "./scalekit.ts";
import { StaticTokenVerifier } from "./static-tokens.ts";
import { SupabaseProvider } from "./supabase.ts";
import { WorkOSProvider } from "./workos.ts";

/** The providers that FASTMCP_SERVER_AUTH can name. */
export const builtInProviders: readonly DeclaredProvider[] = [
  Auth0Provider,
  Auth0MCPProvider,
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
  OCIProvider,
  PropelAuthProvider,
  ScalekitProvider,
  SupabaseProvider,
  WorkOSProvider,
  OIDCProxy,
  OAuthProxy,
  RemoteAuthProvider,
  IntrospectionTokenVerifier,
  JWTVerifier,
  StaticTokenVerifier,
  DebugTokenVerifier,
];
