import { text } from "../env/plain-fields.ts";
import { defineProvider } from "./declaration.ts";
import { checkEnterprise } from "./fields/enterprise-fields.ts";
import { checkMachines } from "./fields/machine-fields.ts";
import { LOGIN_SCOPES, oidcFields } from "./fields/oidc-fields.ts";
import { SELF_HOSTED, selfHostedFields } from "./fields/self-hosted-fields.ts";
import { subjectFields } from "./fields/subject-claim.ts";
import { tokenExchangeFields } from "./fields/token-exchange-fields.ts";
import { oidcProxy } from "./kinds/proxy.ts";

const CLASS_PATH = "mcp_env_auth.providers.zitadel.ZitadelProvider";
const APPLICATION = "Zitadel Console > Projects > (your project) > (your web application)";
const ROLES = "urn:zitadel:iam:org:project:roles";

const fields = {
  ...oidcFields({
    title: "Zitadel",
    configUrl: {
      example: "https://your-instance.zitadel.cloud/.well-known/openid-configuration",
      where: `${APPLICATION} > URLs > OpenID Configuration`,
    },
    // Without the scope offline_access, Zitadel gives no refresh token.
    sessions: { offlineAccess: "scope" },
    clientId: { example: "301234567890123456", where: `${APPLICATION} > Configuration > Client ID` },
    clientSecret: { where: `${APPLICATION} > Actions > Regenerate Client Secret` },
    callback: { where: `register BASE_URL/auth/callback in ${APPLICATION} > Redirect Settings` },
    requiredScopes: { default: ["openid"], example: `openid ${ROLES}` },
    machines: { where: "Zitadel Console > Service Accounts > (your service account) > Actions > Client Secret" },
    organizations: {
      claim: "urn:zitadel:iam:user:resourceowner:id",
      examples: ["301234567890123456", "301234567890123457"],
    },
  }),
  ...selfHostedFields({
    issuer: "https://zitadel.example.com",
  }),
  audience: text({
    description: "The aud claim that tokens must have: the client id or the project's id; left out, the client id",
    example: "301234567890123455",
    where: "Zitadel Console > Projects > (your project) > Resource Id",
  }),
  ...tokenExchangeFields({
    title: "Zitadel",
    otherwise: "the client that logs users in",
    where: `${APPLICATION} > Configuration > Grant Types: Token Exchange`,
  }),
  ...subjectFields(),
};

/** Logs users in at Zitadel, through a web application whose access tokens are JWTs. */
export const ZitadelProvider = defineProvider({
  classPath: CLASS_PATH,
  aliases: ["ZITADEL", "fastmcp.server.auth.providers.zitadel.ZitadelProvider"],
  prefix: "FASTMCP_SERVER_AUTH_ZITADEL_",
  title: "Zitadel",
  advice: {
    opaqueToken: "At Zitadel: (your application) > Token Settings > Auth Token Type: JWT.",
    noRefreshToken: "At Zitadel: (your application) > Configuration > Grant Types: Refresh Token.",
    missingScopes: "Zitadel grants the scopes of OpenID Connect and its own, which begin with urn:zitadel:iam:.",
    refusedLogin: "At Zitadel: (your application) > Configuration > Grant Types: Authorization Code.",
    publicClient: "At Zitadel: (your application) > Configuration > Authentication Method: Basic.",
    organization: "At Zitadel, ask for the scope urn:zitadel:iam:user:resourceowner in REQUIRED_SCOPES.",
    tokenExchange: "At Zitadel: (your application) > Configuration > Grant Types: Token Exchange.",
  },
  fields,
  rolesClaim: { default: ROLES, example: ROLES, where: `ask for the scope ${ROLES} in REQUIRED_SCOPES` },
  check: (settings, context) => [
    ...checkMachines({ ...settings, audience: settings.audience ?? "" }, context),
    ...checkEnterprise(settings, context),
  ],
  create: (settings, names) =>
    oidcProxy({
      ...settings,
      ...names,
      audience: settings.audience ?? settings.clientId,
      offlineAccess: settings.offlineAccess ?? "scope",
      ...(settings.tokenExchangeClientId === undefined && {
        tokenExchangeClientId: settings.clientId,
        tokenExchangeClientSecret: settings.clientSecret,
      }),
      ...SELF_HOSTED,
      classPath: CLASS_PATH,
      exchangesTokens: true,
      audienceSetting: "audience",
      sendsAudience: false,
      configUrlExample: fields.configUrl.example,
      impliedScopes: LOGIN_SCOPES,
    }),
});

/** A configured Zitadel provider. */
export type ZitadelProvider = InstanceType<typeof ZitadelProvider>;
