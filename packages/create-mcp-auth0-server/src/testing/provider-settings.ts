import type { DeclaredVariable } from "../env-file.ts";
import type { KnownSettings, ProviderSettings } from "../settings.ts";

const AUTH0: ProviderSettings = {
  title: "Auth0",
  classPath: "fastmcp.server.auth.providers.auth0.Auth0Provider",
  prefix: "FASTMCP_SERVER_AUTH_AUTH0_",
  variables: [
    variable("FASTMCP_SERVER_AUTH", { required: true }),
    variable("FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL", { required: true }),
    variable("FASTMCP_SERVER_AUTH_AUTH0_AUDIENCE", { required: true }),
    variable("FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID", { required: true }),
    variable("FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET", { required: true, secret: true }),
    variable("FASTMCP_SERVER_AUTH_AUTH0_BASE_URL", { required: true }),
    variable("FASTMCP_SERVER_AUTH_AUTH0_REQUIRED_SCOPES", { default: "openid" }),
    variable("FASTMCP_SERVER_AUTH_AUTH0_JWT_SIGNING_KEY", { secret: true }),
    variable("FASTMCP_PORT", { default: "8000" }),
  ],
};

const GOOGLE: ProviderSettings = {
  title: "Google",
  classPath: "fastmcp.server.auth.providers.google.GoogleProvider",
  prefix: "FASTMCP_SERVER_AUTH_GOOGLE_",
  variables: [
    variable("FASTMCP_SERVER_AUTH", { required: true }),
    variable("FASTMCP_SERVER_AUTH_GOOGLE_CLIENT_ID", { required: true }),
    variable("FASTMCP_SERVER_AUTH_GOOGLE_CLIENT_SECRET", { required: true, secret: true }),
    variable("FASTMCP_SERVER_AUTH_GOOGLE_BASE_URL", { required: true }),
    variable("FASTMCP_SERVER_AUTH_GOOGLE_REDIRECT_PATH", { default: "/auth/callback" }),
    variable("FASTMCP_SERVER_AUTH_GOOGLE_REQUIRED_SCOPES", { default: "openid" }),
    variable("FASTMCP_SERVER_AUTH_GOOGLE_JWT_SIGNING_KEY", { secret: true }),
  ],
};

/** Settings in the shape that the build makes of the real declarations. */
export const KNOWN_SETTINGS = {
  providers: { auth0: AUTH0, google: GOOGLE },
  local: {
    configUrl: "http://localhost:4400/.well-known/openid-configuration",
    clientId: "local-client",
    clientSecret: "local-secret",
  },
} satisfies KnownSettings;

function variable(name: string, details: Partial<DeclaredVariable>): DeclaredVariable {
  return { name, description: `What ${name} is.`, required: false, secret: false, ...details };
}
