import type { DeclaredVariable } from "../env-file.ts";
import type { ProviderSettings } from "../settings.ts";

/** Provider settings in the shape that the build makes of the real declaration. */
export const PROVIDER_SETTINGS: ProviderSettings = {
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
  local: {
    configUrl: "http://localhost:4400/.well-known/openid-configuration",
    clientId: "local-client",
    clientSecret: "local-secret",
    audience: "https://local.example.com",
  },
};

function variable(name: string, details: Partial<DeclaredVariable>): DeclaredVariable {
  return { name, description: `What ${name} is.`, required: false, secret: false, ...details };
}
