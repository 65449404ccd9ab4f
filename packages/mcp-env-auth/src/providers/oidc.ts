import { type FieldValues, InvalidValue } from "../env/field.ts";
import { stringList } from "../env/list-fields.ts";
import { flag, text } from "../env/plain-fields.ts";
import { httpUrl } from "../env/url-fields.ts";
import type { ConfigProblem } from "../errors.ts";
import { ASYMMETRIC_ALGORITHMS } from "../upstream/jwt-algorithms.ts";
import { type CheckContext, defineProvider } from "./declaration.ts";
import { checkEnterprise, enterpriseFields } from "./fields/enterprise-fields.ts";
import { checkMachines, machineFields } from "./fields/machine-fields.ts";
import { LOGIN_SCOPES } from "./fields/oidc-fields.ts";
import { organizationFields } from "./fields/organization-fields.ts";
import { checkPkce, pkceField } from "./fields/pkce-field.ts";
import { checkProxySecrets, proxyFields, timeoutField } from "./fields/proxy-fields.ts";
import { namesResource, resourceFields } from "./fields/resource-fields.ts";
import { scopeClaimsField } from "./fields/scope-claims.ts";
import { SELF_HOSTED, selfHostedFields } from "./fields/self-hosted-fields.ts";
import { KEYCLOAK_NO_SUBJECT, subjectFields } from "./fields/subject-claim.ts";
import { tokenExchangeFields } from "./fields/token-exchange-fields.ts";
import { oidcProxy } from "./kinds/proxy.ts";

const CLASS_PATH = "fastmcp.server.auth.oidc_proxy.OIDCProxy";

const fields = {
  configUrl: httpUrl({
    description: "The address of the provider's OpenID Connect discovery document",
    example: "https://idp.example.com/.well-known/openid-configuration",
    where: "the provider's documentation: the issuer with /.well-known/openid-configuration at its end",
    required: true,
    secure: true,
    mayBePlain: true,
  }),
  ...selfHostedFields({
    occasion: "Keycloak at an address inside a cluster, Azure AD B2C",
    issuer: "https://keycloak.example.com/realms/your-realm",
  }),
  tokenIssuer: text({
    description:
      "The iss claim of access tokens, exactly, if it is not that issuer (AD FS). Default: access_token_issuer of the document, else the issuer",
    example: "http://adfs.example.com/adfs/services/trust",
  }),
  audience: text({
    description: "The audience that tokens are for; left out, every audience of the provider's is accepted",
    example: "https://mcp.example.com/mcp",
    where: "the identifier of your API at the provider",
  }),
  ...resourceFields({
    title: "the provider",
    heldTo: "Tokens must be for it, unless AUDIENCE is set",
  }),
  verifyIdToken: flag({
    description:
      "Whether users are known by the id token of their login, for a provider whose access tokens are opaque. What tools see as claims are then those of the id token, and AUDIENCE is only sent",
    example: "true",
    default: false,
  }),
  algorithm: stringList({
    description:
      "The algorithms that access tokens (with VERIFY_ID_TOKEN: id tokens) may be signed with. Default: those that the provider's metadata lists for id tokens",
    example: "ES256",
    item: checkAlgorithm,
  }),
  ...proxyFields({
    title: "the provider",
    clientId: { example: "mcp-server", where: "the application (client) that you registered at the provider" },
    clientSecret: { where: "the application (client) that you registered at the provider" },
    callback: { where: "register BASE_URL/auth/callback as a redirect URI of your application at the provider" },
    requiredScopes: { default: ["openid"], example: "openid weather:read" },
  }),
  scopeClaims: scopeClaimsField(),
  ...pkceField(),
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

/** A machine logs in nowhere, so no id token says anything of it. */
function checkIdTokens(
  { verifyIdToken, machineClients = [] }: Partial<FieldValues<typeof fields>>,
  { nameOf }: CheckContext<typeof fields>,
): ConfigProblem[] {
  if (!verifyIdToken || machineClients.length === 0) {
    return [];
  }
  const message = `can't be true with ${nameOf("machineClients")}: machines have no id token. Remove one of them.`;
  return [{ variable: nameOf("verifyIdToken"), message }];
}

function checkAlgorithm(item: string): string {
  const found = ASYMMETRIC_ALGORITHMS.find((algorithm) => algorithm.toLowerCase() === item.toLowerCase());
  if (found !== undefined) {
    return found;
  }
  throw new InvalidValue(
    `\`${item}\` can't be verified by published keys. Known are ${ASYMMETRIC_ALGORITHMS.join(", ")}.`,
  );
}

/** Logs users in at any OpenID Connect provider whose access tokens are JWTs. */
export const OIDCProxy = defineProvider({
  classPath: CLASS_PATH,
  aliases: ["OIDC", "fastmcp.server.auth.OIDCProxy"],
  prefix: "FASTMCP_SERVER_AUTH_OIDC_",
  title: "OpenID Connect",
  advice: {
    noSubject: KEYCLOAK_NO_SUBJECT,
    issuer:
      "If the provider's access tokens name another issuer than its discovery document on purpose, set TOKEN_ISSUER.",
    signingAlgorithm:
      "Have the provider use one of these. If it signs access tokens with another algorithm on purpose, set ALGORITHM.",
    opaqueToken:
      "Many providers give JWTs only for an API of one's own, which it must name; for one that gives none at all, set VERIFY_ID_TOKEN=true, or use OAuthProxy with its introspection or userinfo endpoint.",
  },
  fields,
  check: (settings, context) => [
    ...checkProxySecrets(settings, context),
    ...checkPkce(settings, context),
    ...checkMachines({ ...settings, ...(namesResource(settings) && { audience: "" }) }, context),
    ...checkEnterprise(settings, context),
    ...checkIdTokens(settings, context),
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
      ...SELF_HOSTED,
      audienceSetting: "audience",
      configUrlExample: fields.configUrl.example,
      impliedScopes: LOGIN_SCOPES,
    }),
});

/** A configured OpenID Connect proxy. */
export type OIDCProxy = InstanceType<typeof OIDCProxy>;
