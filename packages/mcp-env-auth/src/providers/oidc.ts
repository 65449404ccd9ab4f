import { text } from "../env/plain-fields.ts";
import { httpUrl } from "../env/url-fields.ts";
import { defineProvider } from "./declaration.ts";
import { checkEnterprise, enterpriseFields } from "./fields/enterprise-fields.ts";
import { checkMachines, machineFields } from "./fields/machine-fields.ts";
import { organizationFields } from "./fields/organization-fields.ts";
import { checkProxySecrets, proxyFields, timeoutField } from "./fields/proxy-fields.ts";
import { scopeClaimsField } from "./fields/scope-claims.ts";
import { KEYCLOAK_NO_SUBJECT, subjectFields } from "./fields/subject-claim.ts";
import { tokenExchangeFields } from "./fields/token-exchange-fields.ts";
import { oidcProxy } from "./kinds/oidc-proxy-kind.ts";

const CLASS_PATH = "fastmcp.server.auth.oidc_proxy.OIDCProxy";

const fields = {
  configUrl: httpUrl({
    description: "The address of the provider's OpenID Connect discovery document",
    example: "https://idp.example.com/.well-known/openid-configuration",
    where: "the provider's documentation: the issuer with /.well-known/openid-configuration at its end",
    required: true,
    secure: true,
  }),
  audience: text({
    description: "The audience that tokens are for; left out, every audience of the provider's is accepted",
    example: "https://mcp.example.com/mcp",
    where: "the identifier of your API at the provider",
  }),
  ...proxyFields({
    title: "the provider",
    clientId: { example: "mcp-server", where: "the application (client) that you registered at the provider" },
    clientSecret: { where: "the application (client) that you registered at the provider" },
    callback: { where: "register BASE_URL/auth/callback as a redirect URI of your application at the provider" },
    requiredScopes: { default: ["openid"], example: "openid weather:read" },
  }),
  scopeClaims: scopeClaimsField(),
  ...organizationFields(),
  ...tokenExchangeFields({
    title: "the provider",
    otherwise: "the client that logs users in",
    where: "the client at the provider that may exchange tokens (RFC 8693)",
  }),
  ...enterpriseFields,
  ...machineFields({
    title: "the provider",
    where: "the clients at the provider that have the client_credentials grant",
  }),
  timeoutSeconds: timeoutField("the provider"),
  ...subjectFields(),
};

/** Logs users in at any OpenID Connect provider whose access tokens are JWTs. */
export const OIDCProxy = defineProvider({
  classPath: CLASS_PATH,
  aliases: ["OIDC", "fastmcp.server.auth.OIDCProxy"],
  prefix: "FASTMCP_SERVER_AUTH_OIDC_",
  title: "OpenID Connect",
  advice: {
    noSubject: KEYCLOAK_NO_SUBJECT,
    opaqueToken:
      "Many providers give JWTs only for an API of one's own, which it must name; one that gives none at all goes with OAuthProxy and its introspection or userinfo endpoint.",
  },
  fields,
  check: (settings, context) => [
    ...checkProxySecrets(settings, context),
    ...checkMachines(settings, context),
    ...checkEnterprise(settings, context),
  ],
  create: (settings, names) =>
    oidcProxy({
      ...settings,
      ...names,
      ...(settings.tokenExchangeClientId === undefined && {
        tokenExchangeClientId: settings.clientId,
        ...(settings.clientSecret !== undefined && { tokenExchangeClientSecret: settings.clientSecret }),
      }),
      classPath: CLASS_PATH,
      exchangesTokens: true,
      audienceSetting: "audience",
      configUrlExample: fields.configUrl.example,
      // They are about the id token, and many providers leave them out of the access token.
      impliedScopes: ["openid", "profile", "email", "address", "phone"],
    }),
});

/** A configured OpenID Connect proxy. */
export type OIDCProxy = InstanceType<typeof OIDCProxy>;
