import { text } from "../env/plain-fields.ts";
import type { ConfigProblem } from "../errors.ts";
import { defineProvider } from "./declaration.ts";
import { checkEnterprise } from "./fields/enterprise-fields.ts";
import { checkMachines } from "./fields/machine-fields.ts";
import { oidcFields } from "./fields/oidc-fields.ts";
import { subjectFields } from "./fields/subject-claim.ts";
import { checkTokenExchange, tokenExchangeFields } from "./fields/token-exchange-fields.ts";
import { oidcProxy } from "./kinds/proxy.ts";

const CLASS_PATH = "mcp_env_auth.providers.okta.OktaProvider";
const APPLICATION = "Okta Admin Console > Applications > Applications > (your web application) > General";
const SERVER = "Okta Admin Console > Security > API > Authorization Servers > (your authorization server)";

/** The login name, `sub`, can be given to somebody else. */
const SUBJECT_CLAIM = "uid";

const fields = {
  ...oidcFields({
    title: "Okta",
    configUrl: {
      example: "https://your-org.okta.com/oauth2/default/.well-known/openid-configuration",
      where: `${SERVER} > Settings > Issuer, with /.well-known/openid-configuration at its end`,
    },
    clientId: { example: "0oa8s7d6f5g4h3j2k1l0", where: `${APPLICATION} > Client ID` },
    clientSecret: { where: `${APPLICATION} > Client secrets` },
    callback: { where: `register BASE_URL/auth/callback in ${APPLICATION} > Sign-in redirect URIs` },
    requiredScopes: { default: ["openid"], example: "openid weather:read", where: `${SERVER} > Scopes` },
    machines: { where: "Okta Admin Console > Applications > Applications > (your API Services application)" },
  }),
  audience: text({
    description: "The audience of the authorization server, which all of its access tokens are for",
    example: "api://default",
    where: `${SERVER} > Settings > Audience`,
    required: true,
  }),
  ...tokenExchangeFields({
    title: "Okta",
    otherwise: "none are exchanged",
    where: "Okta Admin Console > Applications > Applications > (your API Services application with Token Exchange)",
  }),
  ...subjectFields(SUBJECT_CLAIM),
};

/** Logs users in at a custom authorization server of Okta, through a web application. */
export const OktaProvider = defineProvider({
  classPath: CLASS_PATH,
  aliases: ["OKTA", "fastmcp.server.auth.providers.okta.OktaProvider"],
  prefix: "FASTMCP_SERVER_AUTH_OKTA_",
  title: "Okta",
  advice: {
    missingScopes: "At Okta: add them under Security > API > Authorization Servers > (yours) > Scopes.",
    noRefreshToken:
      "At Okta, turn on the Refresh Token grant at the application (General > Grant type), and grant offline_access in the rule of the authorization server (Access Policies).",
    noSubject: "Custom authorization servers of Okta put uid into every access token of a user.",
    publicClient: "At Okta: (your application) > General > Client authentication: Client secret.",
    refusedLogin:
      "At Okta: assign the user to the application, and under Security > API > Authorization Servers > (yours) > Access Policies have a rule that lets the application use Authorization Code with these scopes.",
  },
  fields,
  rolesClaim: { default: "groups", example: "groups", where: `${SERVER} > Claims: add a claim of type Groups` },
  check: (settings, context) => [
    ...checkServer(settings.configUrl, context.nameOf("configUrl")),
    ...checkMachines({ audience: "", ...settings }, context),
    ...checkTokenExchange(context),
    ...checkEnterprise(settings, context),
  ],
  create: (settings, names) =>
    oidcProxy({
      ...settings,
      ...names,
      subjectClaim: settings.subjectClaim ?? SUBJECT_CLAIM,
      unlistedSubject: settings.subjectClaim === undefined,
      classPath: CLASS_PATH,
      exchangesTokens: true,
      audienceSetting: "audience",
      // An authorization server of Okta has one audience, and no parameter for it.
      sendsAudience: false,
      configUrlExample: fields.configUrl.example,
    }),
});

/** A configured Okta provider. */
export type OktaProvider = InstanceType<typeof OktaProvider>;

/** Nobody but Okta can verify the access tokens of its org authorization server. */
function checkServer(configUrl: URL | undefined, variable: string): readonly ConfigProblem[] {
  const isCustom = /^\/oauth2\/(?!v1(?:\/|$))[^/.]+\/\.well-known\//;
  if (configUrl === undefined || isCustom.test(configUrl.pathname)) {
    return [];
  }
  const message = `is not the discovery document of a custom authorization server. Access tokens of the org authorization server can't be verified. Example: ${fields.configUrl.example}`;
  return [{ variable, message }];
}
