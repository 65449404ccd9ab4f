import { text } from "../env/plain-fields.ts";
import { httpUrl } from "../env/url-fields.ts";
import type { ProviderAdvice } from "../provider-advice.ts";
import type { LoginScopesDefault } from "./auth-provider.ts";
import { auth0OrganizationFields, auth0Organizations, checkAuth0Organizations } from "./auth0-organizations.ts";
import { defineProvider } from "./declaration.ts";
import { checkEnterprise, enterpriseFields } from "./fields/enterprise-fields.ts";
import { checkMachines, machineFields } from "./fields/machine-fields.ts";
import { checkProxySecrets, proxyFields, timeoutField } from "./fields/proxy-fields.ts";
import { AUTH0_ROLES } from "./fields/roles-claim.ts";
import { scopeClaimsField } from "./fields/scope-claims.ts";
import { subjectFields } from "./fields/subject-claim.ts";
import { checkTokenExchange, tokenExchangeFields } from "./fields/token-exchange-fields.ts";
import { oidcProxy } from "./kinds/proxy.ts";

const CLASS_PATH = "fastmcp.server.auth.providers.auth0.Auth0Provider";
const SETTINGS = "Auth0 Dashboard > Applications > Applications > (your application) > Settings";

const fields = {
  configUrl: httpUrl({
    description: "The address of your Auth0 tenant's OpenID Connect discovery document",
    example: "https://YOUR_TENANT.us.auth0.com/.well-known/openid-configuration",
    where: `${SETTINGS} > Advanced Settings > Endpoints > OpenID Configuration`,
    required: true,
    secure: true,
  }),
  audience: text({
    description:
      "The identifier of the API that tokens are for; without one Auth0 issues opaque tokens, unless the tenant has a Default Audience",
    example: "https://mcp.example.com/mcp",
    where: "Auth0 Dashboard > Applications > APIs > (your API) > Settings > Identifier",
    required: true,
  }),
  ...proxyFields({
    title: "Auth0",
    clientId: { example: "tv4xWpZ9cT0Y5mC3bKq8JdR1uHs6eGfA", where: `${SETTINGS} > Basic Information > Client ID` },
    clientSecret: { where: `${SETTINGS} > Basic Information > Client Secret` },
    callback: { where: `register BASE_URL/auth/callback in ${SETTINGS} > Allowed Callback URLs` },
    requiredScopes: {
      default: ["openid"],
      example: "openid weather:read",
      where: "Auth0 Dashboard > Applications > APIs > (your API) > Permissions, and the scopes of OpenID Connect",
    },
  }),
  scopeClaims: scopeClaimsField(),
  ...auth0OrganizationFields,
  ...tokenExchangeFields({
    title: "Auth0",
    otherwise: "none are exchanged",
    where: "Auth0 Dashboard > Applications > APIs > (your API) > Add Application: a Custom API client",
  }),
  ...enterpriseFields,
  ...machineFields({
    title: "Auth0",
    where:
      "Auth0 Dashboard > Applications > Applications > (your machine to machine application) > Settings > Client ID; under APIs, authorize it for your API",
  }),
  timeoutSeconds: timeoutField("Auth0"),
  ...subjectFields(),
};

/** What Auth0's dashboard calls things, wherever clients register. */
export const AUTH0_ADVICE: ProviderAdvice = {
  opaqueToken: "At Auth0 such tokens come when no API is asked for: it must name one (Applications > APIs).",
  signingAlgorithm:
    "At Auth0, an API gets its JSON Web Token (JWT) Signing Algorithm when it is created: create another API (Applications > APIs) with RS256.",
  unknownAudience: "At Auth0: Applications > APIs.",
  missingScopes: "At Auth0, add them as permissions of the API, and with RBAC give the user a role that has them.",
  noRefreshToken:
    'At Auth0, turn on "Allow Offline Access" at the API and the Refresh Token grant at the application (Advanced Settings > Grant Types).',
  publicClient:
    "At Auth0 that is a Single Page or Native Application; a Regular Web Application, with a secret, is safer.",
  organization:
    "At Auth0: Applications > (your application) > Login Experience: Business Users, with Prompt for Organization where users choose theirs, No Prompt where the server names it.",
  tokenExchange:
    "At Auth0: Applications > APIs > (the API of AUDIENCE) > Add Application makes the Custom API client that may exchange its tokens; there, turn on Token Exchange > On-Behalf-Of Token Exchange, and under API Access grant it User-Delegated Access to the API that is to be called.",
  refusedLogin: "At Auth0: Advanced Settings > Grant Types > Authorization Code.",
};

/**
 * Logs users in at Auth0, through a regular web application of your tenant.
 *
 * @example
 * ```ts
 * const auth = new Auth0Provider({
 *   configUrl: "https://YOUR_TENANT.us.auth0.com/.well-known/openid-configuration",
 *   clientId: "…",
 *   clientSecret: process.env.CLIENT_SECRET,
 *   audience: "https://mcp.example.com/mcp",
 *   baseUrl: "https://mcp.example.com",
 * });
 * ```
 */
export const Auth0Provider = defineProvider({
  classPath: CLASS_PATH,
  aliases: ["AUTH0"],
  prefix: "FASTMCP_SERVER_AUTH_AUTH0_",
  title: "Auth0",
  advice: AUTH0_ADVICE,
  fields,
  rolesClaim: AUTH0_ROLES,
  loginScopes: { scopes: "all", reason: "Auth0 leaves out what it doesn't grant, and the login goes on." },
  check: (settings, context) => [
    ...checkProxySecrets(settings, context),
    ...checkAuth0Organizations(settings, context),
    ...checkMachines({ audience: "", ...settings }, context),
    ...checkTokenExchange(context),
    ...checkEnterprise(settings, context),
    ...(settings.configUrl?.pathname.includes("/.well-known/") === false
      ? [
          {
            variable: context.nameOf("configUrl"),
            message: `must be the discovery document, not the tenant: put .well-known/openid-configuration at its end. Example: ${fields.configUrl.example}`,
          },
        ]
      : []),
  ],
  create: (settings, names) => ({
    ...oidcProxy({
      ...settings,
      ...names,
      ...auth0Organizations(settings),
      classPath: CLASS_PATH,
      exchangesTokens: true,
      sameSubject: true,
      audienceSetting: "audience",
      configUrlExample: fields.configUrl.example,
    }),
    loginScopes: (settings.machineClients ?? []).length > 0 ? WITH_MACHINES : undefined,
  }),
});

/** Machines read the same challenge as everybody, and ask for all that it names. */
const WITH_MACHINES: LoginScopesDefault = {
  scopes: "required",
  reason: "Auth0 refuses a machine that asks for a scope that it wasn't granted, and MACHINE_CLIENTS names machines.",
};

/** A configured Auth0 provider. */
export type Auth0Provider = InstanceType<typeof Auth0Provider>;
