import { variableName } from "../env/field.ts";
import type { ProviderDeclaration } from "./declaration.ts";

/** What tutorials put in front of a provider's settings, by what its variables start with here. */
const BRANDS: Readonly<Record<string, readonly string[]>> = {
  AUTH0: ["AUTH0"],
  AUTHENTIK: ["AUTHENTIK"],
  AUTHKITPROVIDER: ["AUTHKIT"],
  AWS_COGNITO: ["AWS_COGNITO", "COGNITO"],
  AZURE: ["AZURE_AD", "AZURE", "AAD", "ENTRA_ID", "ENTRA", "MICROSOFT_ENTRA_ID", "MICROSOFT"],
  CLERK: ["CLERK"],
  DESCOPEPROVIDER: ["DESCOPE"],
  DISCORD: ["DISCORD"],
  GITHUB: ["GITHUB"],
  GOOGLE: ["GOOGLE"],
  HUGGINGFACE: ["HUGGINGFACE", "HUGGING_FACE", "HF"],
  KEYCLOAK: ["KEYCLOAK"],
  LOGTO: ["LOGTO"],
  OCI: ["OCI"],
  OIDC: ["OIDC"],
  OKTA: ["OKTA"],
  PROPELAUTH: ["PROPELAUTH"],
  SCALEKITPROVIDER: ["SCALEKIT"],
  SUPABASE: ["SUPABASE"],
  WORKOS: ["WORKOS"],
  ZITADEL: ["ZITADEL"],
};

/** What stands in front of the brand where a framework wants it. */
const OPENING = /^(?:NEXT_PUBLIC_|VITE_|REACT_APP_|PUBLIC_|AUTH_|MCP_)(?=[A-Z])/;

/** How a value changes on its way into the setting; `undefined` where it can't be told. */
type Conversion = (value: string) => string | undefined;

const asItIs: Conversion = (value) => value;

const DISCOVERY = "/.well-known/openid-configuration";

/** A domain or an issuer, as the address of its metadata. */
const toConfigUrl: Conversion = (value) => {
  const text = value.trim().replace(/\/+$/, "");
  const url = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  return text === "" || /\s/.test(text) ? undefined : url.endsWith(DISCOVERY) ? url : `${url}${DISCOVERY}`;
};

const toLogtoUrl: Conversion = (value) => toConfigUrl(`${value.trim().replace(/\/+$/, "")}/oidc`);

type Names = Readonly<Record<string, readonly [field: string, convert?: Conversion]>>;

/** Of every provider that has the field. */
const COMMON: Names = {
  ID: ["clientId"],
  APP_ID: ["clientId"],
  APP_SECRET: ["clientSecret"],
  APPLICATION_ID: ["clientId"],
  OAUTH_CLIENT_ID: ["clientId"],
  OAUTH_CLIENT_SECRET: ["clientSecret"],
  OAUTH2_CLIENT_ID: ["clientId"],
  OAUTH2_CLIENT_SECRET: ["clientSecret"],
  SECRET: ["clientSecret"],
  API_AUDIENCE: ["audience"],
  API_IDENTIFIER: ["audience"],
  SCOPE: ["requiredScopes"],
  SCOPES: ["requiredScopes"],
  DISCOVERY_URL: ["configUrl"],
  WELL_KNOWN_URL: ["configUrl"],
  OPENID_CONFIGURATION_URL: ["configUrl"],
  ISSUER: ["configUrl", toConfigUrl],
  ISSUER_URL: ["configUrl", toConfigUrl],
  ISSUER_BASE_URL: ["configUrl", toConfigUrl],
};

/** Of one provider, over those of all. A field `undefined` here is none of ours. */
const OWN: Readonly<
  Record<string, Readonly<Record<string, readonly [field: string | undefined, convert?: Conversion]>>>
> = {
  AUTH0: {
    DOMAIN: ["configUrl", toConfigUrl],
    TENANT_DOMAIN: ["configUrl", toConfigUrl],
    BASE_URL: ["baseUrl"],
    // The cookie secret of Auth0's SDK for Next.js.
    SECRET: [undefined],
  },
  AUTHENTIK: { BASE_URL: [undefined] },
  AUTHKITPROVIDER: { DOMAIN: ["authkitDomain"], BASE_URL: [undefined] },
  AWS_COGNITO: { REGION: ["awsRegion"], DOMAIN: [undefined], ISSUER: [undefined] },
  CLERK: { FRONTEND_API: ["domain"], FRONTEND_API_URL: ["domain"], ISSUER: ["domain"] },
  DESCOPEPROVIDER: { BASE_URL: ["descopeBaseUrl"] },
  KEYCLOAK: { ISSUER: ["realmUrl"], ISSUER_URL: ["realmUrl"], BASE_URL: [undefined] },
  LOGTO: { ENDPOINT: ["configUrl", toLogtoUrl], BASE_URL: [undefined] },
  OKTA: { BASE_URL: [undefined] },
  SCALEKITPROVIDER: { ENV_URL: ["environmentUrl"] },
  SUPABASE: { URL: ["projectUrl"] },
  ZITADEL: { DOMAIN: ["configUrl", toConfigUrl], BASE_URL: [undefined] },
};

/** Names without a brand, where it is known which provider they are about. */
const UNBRANDED: Names = {
  CLIENT_ID: ["clientId"],
  CLIENT_SECRET: ["clientSecret"],
  AUDIENCE: ["audience"],
  API_AUDIENCE: ["audience"],
  TENANT_ID: ["tenantId"],
  BASE_URL: ["baseUrl"],
  APP_BASE_URL: ["baseUrl"],
  PUBLIC_URL: ["baseUrl"],
  ISSUER: ["configUrl", toConfigUrl],
  ISSUER_BASE_URL: ["configUrl", toConfigUrl],
  CONFIG_URL: ["configUrl"],
};

/** What a variable of a tutorial stands for. */
export interface PlainName {
  /** The variable of this server. */
  readonly variable: string;
  /** Its value here; `undefined` where it can't be told from the tutorial's. */
  convert(value: string): string | undefined;
  /** Whether the value stays as it is. */
  readonly isSame: boolean;
}

function stemOf(prefix: string): string {
  return prefix.replace(/^FASTMCP_SERVER_AUTH_/, "").replace(/_$/, "");
}

/** Whether `name` is one that tutorials of this provider use, whatever it means here. */
export function hasBrand(name: string, { prefix }: Pick<ProviderDeclaration, "prefix">): boolean {
  return restOf(name, prefix) !== undefined;
}

/** What follows the brand. */
function restOf(name: string, prefix: string): string | undefined {
  const upper = name.toUpperCase();
  const brands = BRANDS[stemOf(prefix)] ?? [];
  for (const text of new Set([upper, upper.replace(OPENING, "")])) {
    const brand = brands.find((each) => text.startsWith(`${each}_`));
    if (brand !== undefined) {
      return text.slice(brand.length + 1);
    }
  }
  return undefined;
}

/**
 * The setting of the provider that a tutorial's variable stands for, such as `AUTH0_DOMAIN`; also by a name without a
 * brand, such as `CLIENT_ID`. `undefined` for what is none.
 */
export function plainNameOf(
  name: string,
  { prefix, fields }: Pick<ProviderDeclaration, "prefix" | "fields">,
): PlainName | undefined {
  const rest = restOf(name, prefix);
  const found = rest === undefined ? UNBRANDED[name.toUpperCase()] : settingOf(rest, prefix, fields);
  const [field, convert = asItIs] = found ?? [];
  if (field === undefined || !Object.hasOwn(fields, field)) {
    return undefined;
  }
  return { variable: variableName(prefix, field), convert, isSame: convert === asItIs };
}

function settingOf(
  rest: string,
  prefix: string,
  fields: ProviderDeclaration["fields"],
): readonly [field: string | undefined, convert?: Conversion] | undefined {
  const own = OWN[stemOf(prefix)]?.[rest];
  if (own !== undefined) {
    return own;
  }
  const common = COMMON[rest];
  if (common !== undefined && Object.hasOwn(fields, common[0])) {
    return common;
  }
  // The issuer of a tutorial is the provider's, and that of our fields is this server.
  const exact = Object.keys(fields).find((field) => field !== "issuerUrl" && variableName("", field) === rest);
  return exact === undefined ? undefined : [exact];
}
