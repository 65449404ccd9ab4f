import { httpUrl } from "../env/url-fields.ts";
import { asymmetricAlgorithms } from "../upstream/jwt-algorithms.ts";
import { AUTH0_ADVICE } from "./auth0.ts";
import { organizationNameClaim } from "./auth0-organizations.ts";
import { defineProvider } from "./declaration.ts";
import { remoteFields } from "./fields/remote-fields.ts";
import { AUTH0_ROLES } from "./fields/roles-claim.ts";
import { subjectRules } from "./fields/subject-claim.ts";
import { remoteJwtIssuer } from "./kinds/remote-jwt-issuer.ts";

const WELL_KNOWN = ".well-known/openid-configuration";

const fields = {
  configUrl: httpUrl({
    description: "The address of your Auth0 tenant's OpenID Connect discovery document",
    example: `https://YOUR_TENANT.us.auth0.com/${WELL_KNOWN}`,
    where: "Auth0 Dashboard > Applications > (any) > Settings > Advanced Settings > Endpoints > OpenID Configuration",
    required: true,
    secure: true,
  }),
  ...remoteFields({
    title: "Auth0",
    requiredScopes: {
      example: "weather:read",
      where: "Auth0 Dashboard > Applications > APIs > (your API) > Permissions",
    },
    audience: {
      otherwise: "the URL of the MCP endpoint",
      example: "https://mcp.example.com/mcp",
      where: "Auth0 Dashboard > Applications > APIs > (your API) > Settings > Identifier",
    },
  }),
};

/** Takes tokens of an Auth0 tenant where MCP clients register themselves ("Auth for MCP"). */
export const Auth0MCPProvider = defineProvider({
  classPath: "fastmcp.server.auth.providers.auth0.Auth0MCPProvider",
  aliases: ["AUTH0MCP", "AUTH0_MCP"],
  prefix: "FASTMCP_SERVER_AUTH_AUTH0MCP_",
  title: "Auth0, with clients registered there",
  advice: AUTH0_ADVICE,
  fields,
  rolesClaim: AUTH0_ROLES,
  check: ({ configUrl }, { nameOf }) =>
    configUrl === undefined || configUrl.pathname.endsWith(`/${WELL_KNOWN}`)
      ? []
      : [{ variable: nameOf("configUrl"), message: `must end in ${WELL_KNOWN}. Example: ${fields.configUrl.example}` }],
  create(settings, names) {
    // Auth0's issuers end in a slash.
    const issuer = settings.configUrl.href.slice(0, -WELL_KNOWN.length);
    return remoteJwtIssuer({
      ...settings,
      organizationNameClaim: organizationNameClaim(settings.organizationClaim),
      issuer,
      jwksUri: `${issuer}.well-known/jwks.json`,
      algorithms: asymmetricAlgorithms(["RS256", "PS256"]),
      advice: names.advice,
      audienceVariable: names.nameOf("audience"),
      subject: subjectRules(settings, names),
      metadataUrl: `${issuer}.well-known/oauth-authorization-server`,
    });
  },
});

/** A configured provider for Auth0 with clients registered there. */
export type Auth0MCPProvider = InstanceType<typeof Auth0MCPProvider>;
