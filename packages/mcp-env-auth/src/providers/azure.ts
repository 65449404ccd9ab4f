import type { FieldValues } from "../env/field.ts";
import { scopes } from "../env/list-fields.ts";
import { text } from "../env/plain-fields.ts";
import { httpUrl } from "../env/url-fields.ts";
import type { ConfigProblem } from "../errors.ts";
import { exchangeOnBehalfOf } from "./azure-exchange.ts";
import { createEntraVerifier, entraScopes, IDENTITY_SCOPES, isManyTenants } from "./azure-tokens.ts";
import { type CheckContext, defineProvider } from "./declaration.ts";
import { endpointBase } from "./fields/base-url.ts";
import { organizationFields } from "./fields/organization-fields.ts";
import { checkProxySecrets, proxyFields, timeoutField } from "./fields/proxy-fields.ts";
import { loginSubjectRules, subjectFields } from "./fields/subject-claim.ts";
import { oauthProxy } from "./kinds/proxy.ts";

const CLASS_PATH = "fastmcp.server.auth.providers.azure.AzureProvider";
const REGISTRATION = "Microsoft Entra admin center > App registrations > (your app)";

const fields = {
  tenantId: text({
    description: "The directory (tenant) id; organizations, consumers or common to let in accounts of others",
    example: "08541b6e-646d-43de-a0eb-834e6713d6d5",
    where: `${REGISTRATION} > Overview > Directory (tenant) ID`,
    required: true,
  }),
  policyName: text({
    description:
      "For Azure AD B2C: the user flow or custom policy that users log in by. With it go TENANT_NAME and TENANT_ID",
    example: "B2C_1_susi",
    where: "Azure portal > Azure AD B2C > User flows",
  }),
  tenantName: text({
    description: "For Azure AD B2C: the name of the tenant, without .onmicrosoft.com",
    example: "contoso",
    where: "Azure portal > Azure AD B2C > Overview > Domain name",
  }),
  customDomain: httpUrl({
    description: "For Azure AD B2C: the domain that users log in at; left out, TENANT_NAME.b2clogin.com",
    example: "login.contoso.com",
    secure: true,
    base: true,
    assumeHttps: true,
  }),
  tokenIssuer: text({
    description:
      "The iss claim that tokens must have, exactly. Default: that of TENANT_ID, at Azure AD B2C with the domain that users log in at",
    example: "https://contoso.b2clogin.com/tfp/08541b6e-646d-43de-a0eb-834e6713d6d5/b2c_1_susi/v2.0/",
  }),
  identifierUri: text({
    description:
      "The application id URI, which scopes are spelled with at Entra; left out, api://CLIENT_ID, at Azure AD B2C https://TENANT_NAME.onmicrosoft.com/CLIENT_ID",
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
  timeoutSeconds: timeoutField("Entra"),
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
      "Tokens of version 1.0 have another one: set requestedAccessTokenVersion to 2 in the app registration's Manifest. If the tenant names another on purpose (Azure AD B2C with tfp), set TOKEN_ISSUER.",
    tokenExchange:
      "At Entra: App registrations > (your app) > API permissions: add the delegated permissions of that API, and grant them for all users, or have users agree at login by ADDITIONAL_AUTHORIZE_SCOPES.",
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
    ...checkB2c(settings, context),
    ...checkSubject(settings, context),
    ...checkScopes(settings, context),
  ],
  create(settings, names) {
    const { clientId, clientSecret, timeoutSeconds: timeout, tokenEndpointAuthMethod } = settings;
    const place = locate(settings);
    const { authority, tenantPath, identifierUri } = place;
    const tokenEndpoint = `${authority}/${tenantPath}/oauth2/v2.0/token`;
    return oauthProxy({
      ...settings,
      ...names,
      nameOf: (setting) => names.nameOf(EXCHANGED_BY[setting] ?? setting),
      classPath: CLASS_PATH,
      exchangesTokens: true,
      addressSetting: "tenantId",
      audienceSetting: "identifierUri",
      authorizationEndpoint: `${authority}/${tenantPath}/oauth2/v2.0/authorize`,
      tokenEndpoint,
      offlineAccess: settings.offlineAccess ?? "scope",
      providerScopes: entraScopes(identifierUri, settings.additionalAuthorizeScopes ?? []),
      // Azure AD B2C knows no other prompt than login. AADSTS90023 for two at a time, on Entra's own page.
      prompts: { values: place.isB2c ? ["login"] : ["login", "consent", "select_account"], single: true },
      extraAuthorizeParams: { ...(!place.isB2c && { prompt: "select_account" }), ...settings.extraAuthorizeParams },
      createVerifier: (context) =>
        createEntraVerifier(
          {
            ...settings,
            ...place,
            audienceVariable: names.nameOf("identifierUri"),
            advice: names.advice,
            subject: loginSubjectRules(settings, names),
          },
          context,
        ),
      createExchange(context) {
        if (place.isB2c) {
          return refuseExchange;
        }
        if (clientSecret === undefined || tokenEndpointAuthMethod === "none") {
          return undefined;
        }
        const variables = { clientId: names.nameOf("clientId"), clientSecret: names.nameOf("clientSecret") };
        return exchangeOnBehalfOf({ tokenEndpoint, clientId, clientSecret, variables, timeout }, context);
      },
      tokenKind: "jwt",
      organizationInIdToken: settings.organizationClaim === "tid",
    });
  },
});

/** The application itself exchanges tokens. */
const EXCHANGED_BY: Readonly<Record<string, string>> = {
  tokenExchangeClientId: "clientId",
  tokenExchangeClientSecret: "clientSecret",
};

async function refuseExchange(): Promise<never> {
  throw new Error("Azure AD B2C has no on-behalf-of flow, so exchangeToken() can't work with it.");
}

/** Where the tenant's endpoints are, and how it names itself and our API. */
function locate(settings: AzureSettings) {
  const { clientId, tenantId, tenantName, policyName, customDomain, tokenIssuer } = settings;
  if (policyName === undefined || tenantName === undefined) {
    return {
      isB2c: false,
      authority: endpointBase(settings.baseAuthority),
      tenantPath: encodeURIComponent(tenantId),
      issuer: tokenIssuer,
      identifierUri: settings.identifierUri ?? `api://${clientId}`,
    };
  }
  const domain = `${encodeURIComponent(tenantName)}.onmicrosoft.com`;
  const authority =
    customDomain === undefined ? `https://${encodeURIComponent(tenantName)}.b2clogin.com` : endpointBase(customDomain);
  return {
    isB2c: true,
    authority,
    tenantPath: `${domain}/${encodeURIComponent(policyName)}`,
    issuer: tokenIssuer ?? `${authority}/${tenantId.toLowerCase()}/v2.0/`,
    identifierUri: settings.identifierUri ?? `https://${domain}/${clientId}`,
  };
}

/** A configured Entra provider. */
export type AzureProvider = InstanceType<typeof AzureProvider>;

function checkTenant({ tenantId }: Partial<AzureSettings>, { nameOf }: CheckContext<typeof fields>) {
  if (!tenantId?.includes(".")) {
    return [];
  }
  const message = `must be the tenant's id, not its domain: tokens name their issuer by the id. Example: ${fields.tenantId.example} Where: ${fields.tenantId.where}`;
  return [{ variable: nameOf("tenantId"), message }];
}

function checkB2c(settings: Partial<AzureSettings>, context: CheckContext<typeof fields>): ConfigProblem[] {
  const { tenantId, tenantName } = settings;
  const { nameOf, isGiven, missing } = context;
  if (!isGiven("policyName")) {
    return (["tenantName", "customDomain"] as const)
      .filter(isGiven)
      .map((name) => missing("policyName", `${nameOf(name)} is for Azure AD B2C, which needs it.`));
  }
  const problems = isGiven("tenantName") ? [] : [missing("tenantName", `It goes with ${nameOf("policyName")}.`)];
  if (tenantName !== undefined && !/^[\w-]+$/.test(tenantName)) {
    const message = `must be the tenant's name alone. Leave out .onmicrosoft.com. Example: ${fields.tenantName.example}`;
    problems.push({ variable: nameOf("tenantName"), message });
  }
  if (tenantId !== undefined && isManyTenants(tenantId)) {
    const message = `must be the id of the Azure AD B2C tenant: its tokens name their issuer by it. Example: ${fields.tenantId.example}`;
    problems.push({ variable: nameOf("tenantId"), message });
  }
  return problems;
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
