import { text } from "../env/plain-fields.ts";
import { defineProvider } from "./declaration.ts";
import { checkEnterprise } from "./fields/enterprise-fields.ts";
import { checkMachines } from "./fields/machine-fields.ts";
import { LOGIN_SCOPES, oidcFields } from "./fields/oidc-fields.ts";
import { SELF_HOSTED, selfHostedFields } from "./fields/self-hosted-fields.ts";
import { subjectFields } from "./fields/subject-claim.ts";
import { oidcProxy } from "./kinds/proxy.ts";

const CLASS_PATH = "mcp_env_auth.providers.authentik.AuthentikProvider";
const PROVIDER = "authentik Admin interface > Applications > Providers > (your provider)";
const SETTINGS = `${PROVIDER} > Edit > Advanced protocol settings`;

const fields = {
  ...oidcFields({
    title: "authentik",
    configUrl: {
      example: "https://authentik.example.com/application/o/your-app/.well-known/openid-configuration",
      where: `${PROVIDER} > OpenID Configuration URL`,
    },
    // Since authentik 2024.2 there is no refresh token without it.
    sessions: { offlineAccess: "scope" },
    clientId: { example: "Zt8Kq3LwYv5Rm2Nx7Bc4Jd9Hf6Gs1Ta0PeUiOo", where: `${PROVIDER} > Client ID` },
    clientSecret: { where: `${PROVIDER} > Edit > Client Secret` },
    callback: { where: `register BASE_URL/auth/callback in ${PROVIDER} > Edit > Redirect URIs/Origins` },
    requiredScopes: { default: ["openid", "profile"], example: "openid profile email", where: `${SETTINGS} > Scopes` },
    machines: { where: `${PROVIDER} > Client ID` },
  }),
  ...selfHostedFields({
    occasion: "an address inside a cluster; the same issuer for all providers",
    issuer: "https://authentik.example.com/",
  }),
  audience: text({
    description: "The aud claim that tokens must have; left out, the client id, which is authentik's",
    example: "Zt8Kq3LwYv5Rm2Nx7Bc4Jd9Hf6Gs1Ta0PeUiOo",
    where: `${PROVIDER} > Client ID`,
  }),
  ...subjectFields(),
};

/** Logs users in at authentik, through an OAuth2/OpenID provider with a signing key. */
export const AuthentikProvider = defineProvider({
  classPath: CLASS_PATH,
  aliases: ["AUTHENTIK", "fastmcp.server.auth.providers.authentik.AuthentikProvider"],
  prefix: "FASTMCP_SERVER_AUTH_AUTHENTIK_",
  title: "authentik",
  advice: {
    opaqueToken: "At authentik: (your provider) > Advanced protocol settings: leave Encryption Key empty.",
    signingAlgorithm:
      "At authentik: (your provider) > Advanced protocol settings: choose a Signing Key. Without one, authentik signs with the client secret.",
    issuer:
      "At authentik: (your provider) > Advanced protocol settings > Issuer mode: Each provider has a different issuer.",
    noRefreshToken:
      "At authentik: (your provider) > Advanced protocol settings > Scopes: add the mapping of offline_access.",
    missingScopes: "At authentik: (your provider) > Advanced protocol settings > Scopes: add their mappings.",
    refusedLogin: "At authentik: (your application) > Policy / Group / User Bindings say who may log in.",
    publicClient: "At authentik: (your provider) > Client type: Confidential.",
  },
  fields,
  rolesClaim: { default: "groups", example: "groups", where: "the scope profile lists the user's groups" },
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
      ...SELF_HOSTED,
      classPath: CLASS_PATH,
      sameSubject: true,
      audienceSetting: "audience",
      sendsAudience: false,
      configUrlExample: fields.configUrl.example,
      impliedScopes: LOGIN_SCOPES,
    }),
});

/** A configured authentik provider. */
export type AuthentikProvider = InstanceType<typeof AuthentikProvider>;
