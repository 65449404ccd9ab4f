import type { FieldValues } from "../env/field.ts";
import { scopes } from "../env/list-fields.ts";
import { text } from "../env/plain-fields.ts";
import { httpUrl } from "../env/url-fields.ts";
import { createEntraVerifier, entraScopes, IDENTITY_SCOPES, isManyTenants } from "./azure-tokens.ts";
import { type CheckContext, defineProvider } from "./declaration.ts";
import { organizationFields } from "./fields/organization-fields.ts";
import { checkProxySecrets, proxyFields } from "./fields/proxy-fields.ts";
import { loginSubjectRules, subjectFields } from "./fields/subject-claim.ts";
import { endpointBase } from "./kinds/base-url.ts";
import { oauthProxy } from "./kinds/oauth-proxy-kind.ts";

const CLASS_PATH = "fastmcp.server.auth.providers.azure.AzureProvider";
const REGISTRATION = "Microsoft Entra admin center > App registrations > (your app)";

const fields = {
  tenantId: text({
    description: "The directory (tenant) id; organizations, consumers or common to let in accounts of others",
    example: "08541b6e-646d-43de-a0eb-834e6713d6d5",
    where: `${REGISTRATION} > Overview > Directory (tenant) ID`,
    required: true,
  }),
  identifierUri: text({
    description: "The application id URI, which scopes are spelled with at Entra; left out, api://CLIENT_ID",
    example: "api://08541b6e-646d-43de-a0eb-834e6713d6d5",
    where: `${REGISTRATION} > Expose an API > Application ID URI`,
  }),
  additionalAuthorizeScopes: scopes({
    description: "Scopes of other APIs, such as Microsoft Graph, that users are asked to agree to at login",
    example: "User.Read Mail.Read",
  }),
  baseAuthority: httpUrl({
    description: "The sign-in host of your cloud",
    example: "login.microsoftonline.us",
    default: new URL("https://login.microsoftonline.com"),
    secure: true,
    base: true,
    assumeHttps: true,
  }),
  ...proxyFields({
    title: "Entra",
    clientId: {
      example: "835f7a2d-4b1c-4f0e-9d2a-6c5b4a392817",
      where: `${REGISTRATION} > Overview > Application (client) ID`,
    },
    clientSecret: { where: `${REGISTRATION} > Certificates & secrets > Client secrets > Value` },
    callback: { where: `register BASE_URL/auth/callback in ${REGISTRATION} > Authentication > Web > Redirect URIs` },
    requiredScopes: { default: [], example: "read" },
  }),
  ...organizationFields({
    claim: "tid",
    examples: ["08541b6e-646d-43de-a0eb-834e6713d6d5", "3b2f1a6e-9c4d-4e57-8a10-6d2b7f0c9e51"],
  }),
  requiredScopes: scopes({
    description:
      "The scopes of your API that every login asks for and every token must carry, without the URI in front",
    example: "read write",
    where: `${REGISTRATION} > Expose an API > Scopes defined by this API`,
    required: true,
  }),
  ...subjectFields(),
};

type AzureSettings = FieldValues<typeof fields>;

/** Logs users in at Microsoft Entra ID (Azure AD), through an app registration that exposes an API. */
export const AzureProvider = defineProvider({
  classPath: CLASS_PATH,
  aliases: ["AZURE"],
  prefix: "FASTMCP_SERVER_AUTH_AZURE_",
  title: "Microsoft Entra ID",
  advice: {
    issuer:
      "Tokens of version 1.0 have another one: set requestedAccessTokenVersion to 2 in the app registration's Manifest.",
    missingScopes: "At Entra, add them under Expose an API, and let the user or an administrator consent to them.",
    publicClient: "At Entra, a redirect URI of type Web belongs to an application with a secret, which is safer.",
  },
  fields,
  rolesClaim: { default: "roles", where: "Entra admin center > App registrations > (your app) > App roles" },
  loginScopes: {
    scopes: "required",
    reason: "At Entra, a login with a scope that the app registration doesn't expose ends on Entra's own page.",
  },
  check: (settings, context) => [
    ...checkProxySecrets(settings, context),
    ...checkTenant(settings, context),
    ...checkSubject(settings, context),
    ...checkScopes(settings, context),
  ],
  create(settings, names) {
    const authority = endpointBase(settings.baseAuthority);
    const tenant = `${authority}/${encodeURIComponent(settings.tenantId)}`;
    const identifierUri = settings.identifierUri ?? `api://${settings.clientId}`;
    return oauthProxy({
      ...settings,
      ...names,
      classPath: CLASS_PATH,
      audienceSetting: "identifierUri",
      authorizationEndpoint: `${tenant}/oauth2/v2.0/authorize`,
      tokenEndpoint: `${tenant}/oauth2/v2.0/token`,
      offlineAccess: settings.offlineAccess ?? "scope",
      providerScopes: entraScopes(identifierUri, settings.additionalAuthorizeScopes ?? []),
      extraAuthorizeParams: { prompt: "select_account", ...settings.extraAuthorizeParams },
      createVerifier: (context) =>
        createEntraVerifier(
          {
            ...settings,
            authority,
            identifierUri,
            audienceVariable: names.nameOf("identifierUri"),
            advice: names.advice,
            subject: loginSubjectRules(settings, names),
          },
          context,
        ),
      tokenKind: "jwt",
      organizationInIdToken: settings.organizationClaim === "tid",
    });
  },
});

/** A configured Entra provider. */
export type AzureProvider = InstanceType<typeof AzureProvider>;

function checkTenant({ tenantId }: Partial<AzureSettings>, { nameOf }: CheckContext<typeof fields>) {
  if (!tenantId?.includes(".")) {
    return [];
  }
  const message = `must be the tenant's id, not its domain: tokens name their issuer by the id. Example: ${fields.tenantId.example} Where: ${fields.tenantId.where}`;
  return [{ variable: nameOf("tenantId"), message }];
}

/** An administrator of any tenant can give their users any e-mail address, and so any name by most claims. */
function checkSubject({ tenantId, subjectClaim }: Partial<AzureSettings>, { nameOf }: CheckContext<typeof fields>) {
  if (tenantId === undefined || subjectClaim === undefined || !isManyTenants(tenantId)) {
    return [];
  }
  const message = `can't be set with ${nameOf("tenantId")}=${tenantId}: the administrators of other tenants choose what their tokens say, and could name their users like yours. Remove it, or set ${nameOf("tenantId")} to one tenant's id.`;
  return [{ variable: nameOf("subjectClaim"), message }];
}

function checkScopes({ requiredScopes }: Partial<AzureSettings>, { nameOf }: CheckContext<typeof fields>) {
  if (requiredScopes === undefined || requiredScopes.some((scope) => !IDENTITY_SCOPES.includes(scope))) {
    return [];
  }
  const message = `names no scope of your API, so that Entra would give tokens for Microsoft Graph, which nobody else can verify. Add one from ${fields.requiredScopes.where}.`;
  return [{ variable: nameOf("requiredScopes"), message }];
}
