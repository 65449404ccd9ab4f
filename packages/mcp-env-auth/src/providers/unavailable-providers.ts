/** A provider of FastMCP 2.x that can't be used here. */
export interface UnavailableProvider {
  readonly classPath: string;
  readonly title: string;
  /** What its variables start with, where it has any. */
  readonly prefix?: string;
  /** What to do instead, as a sentence. */
  readonly advice: string;
}

const NOT_YET = "It is not available yet.";
const JWT_INSTEAD = "To accept its JWTs as they are, use fastmcp.server.auth.providers.jwt.JWTVerifier.";

/** Class paths that an old `.env` may name, so that they are not taken for misspelt. */
export const unavailableProviders: readonly UnavailableProvider[] = [
  notYet("oci.OCIProvider", "Oracle Cloud Infrastructure", "OCI_"),
  notYet("aws.AWSCognitoProvider", "Amazon Cognito", "AWS_COGNITO_"),
  notYet("azure.AzureProvider", "Microsoft Entra ID", "AZURE_"),
  notYet("google.GoogleProvider", "Google", "GOOGLE_", NOT_YET),
  notYet("discord.DiscordProvider", "Discord", "DISCORD_", NOT_YET),
  notYet("workos.WorkOSProvider", "WorkOS", "WORKOS_", NOT_YET),
  notYet("workos.AuthKitProvider", "WorkOS AuthKit", "AUTHKITPROVIDER_"),
  notYet("descope.DescopeProvider", "Descope", "DESCOPEPROVIDER_"),
  notYet("scalekit.ScalekitProvider", "Scalekit", "SCALEKITPROVIDER_"),
  notYet("supabase.SupabaseProvider", "Supabase", "SUPABASE_"),
  notYet("introspection.IntrospectionTokenVerifier", "token introspection", "INTROSPECTION_", NOT_YET),
  {
    classPath: "fastmcp.server.auth.providers.jwt.StaticTokenVerifier",
    title: "StaticTokenVerifier",
    advice: "Its tokens can't be set by environment variables, in FastMCP neither.",
  },
  {
    classPath: "fastmcp.server.auth.providers.debug.DebugTokenVerifier",
    title: "DebugTokenVerifier",
    advice: "It accepts any token, so it protects nothing. For a server that is open on purpose, set none.",
  },
  {
    classPath: "fastmcp.server.auth.providers.in_memory.InMemoryOAuthProvider",
    title: "InMemoryOAuthProvider",
    advice: "It logs everyone in without asking who they are. For a server that is open on purpose, set none.",
  },
];

function notYet(
  name: string,
  title: string,
  prefix: string,
  advice = `${NOT_YET} ${JWT_INSTEAD}`,
): UnavailableProvider {
  return {
    classPath: `fastmcp.server.auth.providers.${name}`,
    title,
    prefix: `FASTMCP_SERVER_AUTH_${prefix}`,
    advice,
  };
}
