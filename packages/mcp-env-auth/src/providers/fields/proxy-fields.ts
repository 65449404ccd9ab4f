import { isIP } from "node:net";
import { type FieldValues, InvalidValue } from "../../env/field.ts";
import { scopes, secretList, stringList } from "../../env/list-fields.ts";
import { choice, integer, path, secret, text } from "../../env/plain-fields.ts";
import { secretRecord, stringRecord } from "../../env/record-field.ts";
import { httpUrl } from "../../env/url-fields.ts";
import type { ConfigProblem } from "../../errors.ts";
import { checkRedirectUriPattern } from "../../proxy/clients/redirect-policy.ts";
import { RESERVED_AUTHORIZE_PARAMS, RESERVED_TOKEN_PARAMS } from "../../upstream/reserved-params.ts";
import type { CheckContext } from "../declaration.ts";
import { requiredBaseUrl, resourceBaseUrlField } from "./base-url.ts";
import { consentField } from "./consent-field.ts";
import { type SessionFieldHints, sessionFields } from "./session-fields.ts";

/** What a provider's own dashboard calls things. */
export interface ProxyFieldHints {
  /** The provider's name, as in "the client id of the application at Auth0". */
  readonly title: string;
  readonly clientId: { readonly example: string; readonly where: string };
  readonly clientSecret: { readonly where: string };
  /** Where the callback URL is registered. */
  readonly callback: { readonly where: string };
  /** How sessions begin and end, where that is known of the provider. */
  readonly sessions?: Omit<SessionFieldHints, "title">;
  readonly requiredScopes: { readonly default: readonly string[]; readonly example: string; readonly where?: string };
}

/** The settings that every OAuth and OIDC proxy shares: `ProxySettings`. */
export function proxyFields(hints: ProxyFieldHints) {
  const { title } = hints;
  return {
    clientId: text({
      description: `The client id of the application at ${title} that logs users in`,
      required: true,
      ...hints.clientId,
    }),
    clientSecret: secret({
      description: `The client secret of the application at ${title}`,
      example: "the long random string that the dashboard shows",
      ...hints.clientSecret,
    }),
    baseUrl: requiredBaseUrl({ where: `the address under which this server is reached; ${hints.callback.where}` }),
    ...resourceBaseUrlField(),
    issuerUrl: httpUrl({
      description: "The issuer of this server's tokens, where it is not BASE_URL",
      example: "https://mcp.example.com",
      secure: true,
      base: true,
    }),
    redirectPath: path({
      description: `The path under BASE_URL to which ${title} sends users back`,
      example: "/auth/callback",
      where: hints.callback.where,
      default: "/auth/callback",
    }),
    requiredScopes: scopes({
      description: `The scopes that every login asks ${title} for and every token must carry`,
      ...hints.requiredScopes,
    }),
    validScopes: scopes({
      description: "Scopes that a client may ask for beyond the required ones and those of tools",
      example: "weather:read weather:write",
    }),
    allowedClientRedirectUris: stringList({
      description: "Redirect URIs that MCP clients may use, with * for parts; [] for none; left out, any they register",
      example: '["http://localhost:*", "https://claude.ai/api/mcp/auth_callback"]',
      item: checkRedirectPattern,
    }),
    clientIdMetadataHosts: stringList({
      description:
        "Hosts that clients' documents are fetched from (client ids that are URLs, key sets), *.example.com for subdomains, example.com:8443 for another port than 443; left out, any public one; [] for none. HTTPS_PROXY is used only for hosts that are listed by name",
      example: '["claude.ai", "chatgpt.com"]',
      item: checkHostPattern,
    }),
    jwtSigningKey: secret({
      description: "The key that this server's own tokens are sealed with; left out, the client secret",
      example: "what `openssl rand -base64 32` prints",
      where: "your own random string; every replica needs the same",
    }),
    jwtSigningKeyPrevious: secretList({
      description: "Earlier sealing keys that are still accepted while rotating; first of all the old client secret",
      example: '["the old key"]',
    }),
    jwtSigningKeyRegistrations: secretList({
      description:
        "Retired sealing keys, leaked ones included, that still open client ids of public clients and nothing else, for clients that never register again",
      example: '["the retired key"]',
    }),
    extraAuthorizeParams: stringRecord({
      description: `Parameters to add to each login at ${title}`,
      example: '{"prompt":"login"}',
      reserved: RESERVED_AUTHORIZE_PARAMS,
    }),
    extraTokenParams: secretRecord({
      description: `Parameters to add to each token request to ${title}`,
      example: '{"name":"value"}',
      reserved: RESERVED_TOKEN_PARAMS,
    }),
    ...consentField(),
    ...sessionFields({ title, ...hints.sessions }),
    tokenEndpointAuthMethod: choice(["client_secret_basic", "client_secret_post", "none"], {
      description: `How the server proves itself at ${title}'s token endpoint; left out, as ${title} accepts it`,
      example: "client_secret_post",
    }),
  };
}

function checkRedirectPattern(item: string): string {
  try {
    checkRedirectUriPattern(item);
    return item;
  } catch (error) {
    throw new InvalidValue(error instanceof Error ? error.message : "An item is no pattern.");
  }
}

const HTTPS_PORT = 443;
const MAX_PORT = 65_535;

function checkHostPattern(item: string): string {
  const [, host = "", digits] = /^([^:]*)(?::(\d{1,5}))?$/.exec(item.toLowerCase()) ?? [];
  const port = digits === undefined ? HTTPS_PORT : Number(digits);
  const isName = /^(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(host) && isIP(host) === 0;
  if (!(isName || (host === "*" && digits === undefined)) || port === 0 || port > MAX_PORT) {
    throw new InvalidValue(
      `\`${item}\` is not a host. Write claude.ai, *.example.com or example.com:8443, without https:// and without a path.`,
    );
  }
  return port === HTTPS_PORT ? host : `${host}:${port}`;
}

/** As `proxyFields`, for a provider whose applications all have a secret. */
export function confidentialProxyFields(hints: ProxyFieldHints) {
  const { title } = hints;
  return {
    ...proxyFields(hints),
    clientSecret: secret({
      description: `The client secret of the application at ${title}`,
      example: "the long random string that the dashboard shows",
      required: true,
      ...hints.clientSecret,
    }),
    tokenEndpointAuthMethod: choice(["client_secret_basic", "client_secret_post"], {
      description: `How the server proves itself at ${title}'s token endpoint; left out, as ${title} accepts it`,
      example: "client_secret_post",
    }),
  };
}

/** How long the provider may take, for one that is asked about tokens. */
export function timeoutField(title: string) {
  return integer({
    description: `Seconds that ${title} has for one answer`,
    example: "10",
    default: 10,
    min: 1,
    max: 60,
  });
}

/** The fields of a proxy. */
export type ProxyFields = ReturnType<typeof proxyFields>;

type SecretFields = Pick<ProxyFields, "clientSecret" | "jwtSigningKey" | "tokenEndpointAuthMethod">;

/** Only a public application has no secret, and then the key for sealing must come from elsewhere. */
export function checkProxySecrets(
  { tokenEndpointAuthMethod }: Partial<FieldValues<SecretFields>>,
  { nameOf, isGiven, missing }: CheckContext<SecretFields>,
): ConfigProblem[] {
  if (isGiven("clientSecret")) {
    return [];
  }
  if (tokenEndpointAuthMethod !== "none") {
    const note = `Only a public application has none: then set ${nameOf("tokenEndpointAuthMethod")} to none, and ${nameOf("jwtSigningKey")}.`;
    return [missing("clientSecret", note)];
  }
  return isGiven("jwtSigningKey") ? [] : [missing("jwtSigningKey", "There is no client secret to seal tokens with.")];
}
