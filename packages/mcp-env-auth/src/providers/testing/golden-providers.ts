/** A provider of FastMCP 2.14, and values for its variables. */
export interface GoldenProvider {
  /** After `fastmcp.server.auth.providers.`. */
  readonly classPath: string;
  readonly prefix: string;
  readonly required: Readonly<Record<string, string>>;
  readonly optional: Readonly<Record<string, string>>;
}

const DISCOVERY = "https://tenant.example.com/.well-known/openid-configuration";

const application = {
  CLIENT_ID: "client-1",
  CLIENT_SECRET: "secret-of-client-1",
  BASE_URL: "https://mcp.example.com",
};

const proxy = {
  ISSUER_URL: "https://issuer.example.com",
  REDIRECT_PATH: "login/done",
  REQUIRED_SCOPES: "read,write admin",
  ALLOWED_CLIENT_REDIRECT_URIS: '["http://localhost:*","https://claude.ai/*"]',
  JWT_SIGNING_KEY: "a-signing-key-of-its-own",
};

const scoped = { REQUIRED_SCOPES: '["read","write"]' };
const timed = { ...proxy, TIMEOUT_SECONDS: "25" };

/** All that have settings. */
export const GOLDEN_PROVIDERS: readonly GoldenProvider[] = [
  {
    classPath: "auth0.Auth0Provider",
    prefix: "AUTH0",
    required: { ...application, CONFIG_URL: DISCOVERY, AUDIENCE: "https://api.example.com" },
    optional: proxy,
  },
  {
    classPath: "oci.OCIProvider",
    prefix: "OCI",
    required: { ...application, CONFIG_URL: DISCOVERY },
    optional: { ...proxy, AUDIENCE: "https://api.example.com" },
  },
  {
    classPath: "aws.AWSCognitoProvider",
    prefix: "AWS_COGNITO",
    required: { ...application, USER_POOL_ID: "eu-central-1_AbCdEf" },
    optional: { ...proxy, AWS_REGION: "eu-central-1" },
  },
  {
    classPath: "azure.AzureProvider",
    prefix: "AZURE",
    required: { ...application, TENANT_ID: "tenant-1", REQUIRED_SCOPES: "read" },
    optional: {
      ...proxy,
      IDENTIFIER_URI: "api://mine",
      ADDITIONAL_AUTHORIZE_SCOPES: "User.Read Mail.Read",
      BASE_AUTHORITY: "login.microsoftonline.us",
    },
  },
  { classPath: "github.GitHubProvider", prefix: "GITHUB", required: application, optional: timed },
  { classPath: "google.GoogleProvider", prefix: "GOOGLE", required: application, optional: timed },
  { classPath: "discord.DiscordProvider", prefix: "DISCORD", required: application, optional: timed },
  {
    classPath: "workos.WorkOSProvider",
    prefix: "WORKOS",
    required: { ...application, AUTHKIT_DOMAIN: "https://app.authkit.app" },
    optional: timed,
  },
  {
    classPath: "workos.AuthKitProvider",
    prefix: "AUTHKITPROVIDER",
    required: { AUTHKIT_DOMAIN: "https://app.authkit.app", BASE_URL: application.BASE_URL },
    optional: scoped,
  },
  {
    classPath: "descope.DescopeProvider",
    prefix: "DESCOPEPROVIDER",
    required: {
      BASE_URL: application.BASE_URL,
      CONFIG_URL: "https://api.descope.com/v1/apps/agentic/P2abc/M123/.well-known/openid-configuration",
    },
    optional: scoped,
  },
  {
    classPath: "scalekit.ScalekitProvider",
    prefix: "SCALEKITPROVIDER",
    required: {
      ENVIRONMENT_URL: "https://env.scalekit.com",
      RESOURCE_ID: "res_1",
      BASE_URL: application.BASE_URL,
    },
    optional: scoped,
  },
  {
    classPath: "supabase.SupabaseProvider",
    prefix: "SUPABASE",
    required: { PROJECT_URL: "https://project.supabase.co", BASE_URL: application.BASE_URL },
    optional: { ...scoped, AUTH_ROUTE: "/custom/auth", ALGORITHM: "RS256" },
  },
  {
    classPath: "jwt.JWTVerifier",
    prefix: "JWT",
    required: { JWKS_URI: "https://issuer.example/jwks.json" },
    optional: {
      ...scoped,
      ISSUER: "https://issuer.example/",
      AUDIENCE: '["one","two"]',
      ALGORITHM: "ES256",
      BASE_URL: application.BASE_URL,
    },
  },
  {
    classPath: "introspection.IntrospectionTokenVerifier",
    prefix: "INTROSPECTION",
    required: {
      INTROSPECTION_URL: "https://issuer.example/introspect",
      CLIENT_ID: application.CLIENT_ID,
      CLIENT_SECRET: application.CLIENT_SECRET,
    },
    optional: { ...scoped, TIMEOUT_SECONDS: "25", BASE_URL: application.BASE_URL },
  },
];

/** The provider that reads `prefix`. */
export function providerOf(prefix: string): GoldenProvider {
  const found = GOLDEN_PROVIDERS.find((provider) => provider.prefix === prefix);
  if (found === undefined) {
    throw new Error(`No provider reads ${prefix}`);
  }
  return found;
}
