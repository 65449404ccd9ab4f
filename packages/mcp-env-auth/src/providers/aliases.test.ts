import { describe, expect, it } from "vitest";
import { builtInProviders } from "../configuration/built-in-providers.ts";
import { providerCatalog } from "../configuration/provider-catalog.ts";
import { resolveProvider } from "../configuration/resolve-provider.ts";
import type { DeclaredProvider } from "./declaration.ts";

/** Which gives some of the classes in its modules, too. */
const PACKAGE = "fastmcp.server.auth";
const PROVIDERS = `${PACKAGE}.providers`;
/** Of this project: FastMCP has none of them. */
const OURS = "mcp_env_auth.providers";

/** What FASTMCP_SERVER_AUTH names providers by, in FastMCP and here, and what their variables start with. */
const TABLE: readonly (readonly [string, readonly string[], string])[] = [
  [`${PROVIDERS}.auth0.Auth0Provider`, ["AUTH0"], "AUTH0_"],
  [`${PROVIDERS}.auth0.Auth0MCPProvider`, ["AUTH0MCP"], "AUTH0MCP_"],
  [`${PROVIDERS}.aws.AWSCognitoProvider`, ["AWS_COGNITO"], "AWS_COGNITO_"],
  [`${PROVIDERS}.azure.AzureProvider`, ["AZURE"], "AZURE_"],
  [`${PROVIDERS}.clerk.ClerkProvider`, ["CLERK"], "CLERK_"],
  [`${PROVIDERS}.debug.DebugTokenVerifier`, ["DEBUG", `${PACKAGE}.DebugTokenVerifier`], "DEBUG_"],
  [`${PROVIDERS}.descope.DescopeProvider`, ["DESCOPE"], "DESCOPEPROVIDER_"],
  [`${PROVIDERS}.discord.DiscordProvider`, ["DISCORD"], "DISCORD_"],
  [`${PROVIDERS}.github.GitHubProvider`, ["GITHUB"], "GITHUB_"],
  [`${PROVIDERS}.google.GoogleProvider`, ["GOOGLE"], "GOOGLE_"],
  [`${PROVIDERS}.huggingface.HuggingFaceProvider`, ["HUGGINGFACE"], "HUGGINGFACE_"],
  [`${PROVIDERS}.introspection.IntrospectionTokenVerifier`, ["INTROSPECTION"], "INTROSPECTION_"],
  [`${PROVIDERS}.jwt.JWTVerifier`, ["JWT", `${PACKAGE}.JWTVerifier`, `${PROVIDERS}.bearer.BearerAuthProvider`], "JWT_"],
  [`${PROVIDERS}.jwt.StaticTokenVerifier`, ["STATIC", `${PACKAGE}.StaticTokenVerifier`], "STATIC_"],
  [`${PROVIDERS}.keycloak.KeycloakAuthProvider`, ["KEYCLOAK"], "KEYCLOAK_"],
  [`${PROVIDERS}.oci.OCIProvider`, ["OCI"], "OCI_"],
  [`${PROVIDERS}.propelauth.PropelAuthProvider`, ["PROPELAUTH"], "PROPELAUTH_"],
  [`${PROVIDERS}.scalekit.ScalekitProvider`, ["SCALEKIT"], "SCALEKITPROVIDER_"],
  [`${PROVIDERS}.supabase.SupabaseProvider`, ["SUPABASE"], "SUPABASE_"],
  [`${PROVIDERS}.workos.AuthKitProvider`, ["AUTHKIT"], "AUTHKITPROVIDER_"],
  [`${PROVIDERS}.workos.WorkOSProvider`, ["WORKOS"], "WORKOS_"],
  [`${OURS}.authentik.AuthentikProvider`, ["AUTHENTIK", `${PROVIDERS}.authentik.AuthentikProvider`], "AUTHENTIK_"],
  [`${OURS}.logto.LogtoProvider`, ["LOGTO", `${PROVIDERS}.logto.LogtoProvider`], "LOGTO_"],
  [`${OURS}.okta.OktaProvider`, ["OKTA", `${PROVIDERS}.okta.OktaProvider`], "OKTA_"],
  [`${OURS}.zitadel.ZitadelProvider`, ["ZITADEL", `${PROVIDERS}.zitadel.ZitadelProvider`], "ZITADEL_"],
  ["fastmcp.server.auth.RemoteAuthProvider", ["REMOTE", "fastmcp.server.auth.auth.RemoteAuthProvider"], "REMOTE_"],
  ["fastmcp.server.auth.oauth_proxy.OAuthProxy", ["OAUTH", `${PACKAGE}.OAuthProxy`], "OAUTH_"],
  ["fastmcp.server.auth.oidc_proxy.OIDCProxy", ["OIDC", `${PACKAGE}.OIDCProxy`], "OIDC_"],
];

describe("the providers", () => {
  it.each(TABLE)("%s", async (classPath, names, prefix) => {
    for (const name of [classPath, ...names]) {
      const resolved = await resolveProvider(name, { providers: providerCatalog, cwd: "/nowhere" });
      const { declaration } = (resolved as { readonly declared: DeclaredProvider }).declared;
      expect(declaration).toMatchObject({ classPath, prefix: `FASTMCP_SERVER_AUTH_${prefix}` });
    }
  });

  it("are all that there are", () => {
    const known = builtInProviders.map(({ declaration }) => declaration.classPath);
    expect([...known].sort()).toEqual(TABLE.map(([classPath]) => classPath).sort());
  });

  it("have no variable, prefix or name in common", () => {
    const names = builtInProviders.flatMap(({ declaration }) => [declaration.classPath, ...declaration.aliases]);
    expect(new Set(names).size).toBe(names.length);
    const prefixes = builtInProviders.map(({ declaration }) => declaration.prefix);
    const clashes = prefixes.filter((one) => prefixes.some((other) => other !== one && other.startsWith(one)));
    expect(clashes).toEqual([]);
  });
});
