import { text } from "../env/plain-fields.ts";
import { defineProvider } from "./declaration.ts";
import { checkEnterprise } from "./fields/enterprise-fields.ts";
import { checkMachines } from "./fields/machine-fields.ts";
import { LOGIN_SCOPES, oidcFields } from "./fields/oidc-fields.ts";
import { SELF_HOSTED, selfHostedFields } from "./fields/self-hosted-fields.ts";
import { subjectFields } from "./fields/subject-claim.ts";
import { oidcProxy } from "./kinds/proxy.ts";

const PREFIX = "FASTMCP_SERVER_AUTH_LOGTO_";
const CLASS_PATH = "mcp_env_auth.providers.logto.LogtoProvider";
const APPLICATION = "Logto Console > Applications > (your traditional web application)";
const RESOURCE = "Logto Console > API resources > (your API)";

const fields = {
  ...oidcFields({
    title: "Logto",
    configUrl: {
      example: "https://your-tenant.logto.app/oidc/.well-known/openid-configuration",
      where: `${APPLICATION} > Endpoints & Credentials > OpenID Provider configuration endpoint`,
    },
    sessions: { offlineAccess: "consent", revokeUpstream: false },
    clientId: { example: "a1b2c3d4e5f6g7h8i9j0k", where: `${APPLICATION} > Endpoints & Credentials > App ID` },
    clientSecret: { where: `${APPLICATION} > Endpoints & Credentials > App secrets` },
    callback: { where: `register BASE_URL/auth/callback in ${APPLICATION} > Settings > Redirect URIs` },
    requiredScopes: { default: ["openid"], example: "openid weather:read", where: `${RESOURCE} > Permissions` },
    machines: { where: "Logto Console > Applications > (your machine-to-machine application) > App ID" },
    organizations: { claim: "organization_id", examples: ["k1xn3v5b7m9q", "p2yo4w6c8n0r"] },
  }),
  ...selfHostedFields({
    issuer: "https://logto.example.com/oidc",
  }),
  audience: text({
    description:
      "The identifier of the API that tokens are for; sent as resource. Without one, Logto issues opaque tokens",
    example: "https://mcp.example.com/mcp",
    where: `${RESOURCE} > API identifier`,
    alias: `${PREFIX}RESOURCE`,
    required: true,
  }),
  ...subjectFields(),
};

/** Logs users in at Logto, through a traditional web application. */
export const LogtoProvider = defineProvider({
  classPath: CLASS_PATH,
  aliases: ["LOGTO", "fastmcp.server.auth.providers.logto.LogtoProvider"],
  prefix: PREFIX,
  title: "Logto",
  advice: {
    opaqueToken: "At Logto such tokens come when no API resource is asked for.",
    unknownAudience: "At Logto: API resources > (your API) > API identifier.",
    missingScopes: "At Logto, add them as permissions of the API resource, and give the user a role that has them.",
    noRefreshToken: "At Logto: (your application) > Settings: turn on Always issue refresh token.",
    publicClient: "At Logto, create a Traditional web application: it has a secret.",
  },
  fields,
  rolesClaim: { where: "a claim of yours: Logto Console > Custom JWT > User access token" },
  check: (settings, context) => [
    ...checkMachines({ audience: "", ...settings }, context),
    ...checkEnterprise(settings, context),
  ],
  create: (settings, names) =>
    oidcProxy({
      ...settings,
      ...names,
      offlineAccess: settings.offlineAccess ?? "consent",
      // Tokens are for no API unless each request names one (RFC 8707).
      resource: settings.audience,
      sendsAudience: false,
      ...SELF_HOSTED,
      classPath: CLASS_PATH,
      revokesAllSessions: true,
      sameSubject: true,
      audienceSetting: "audience",
      configUrlExample: fields.configUrl.example,
      impliedScopes: LOGIN_SCOPES,
    }),
});

/** A configured Logto provider. */
export type LogtoProvider = InstanceType<typeof LogtoProvider>;
