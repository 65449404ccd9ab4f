import { OAUTH_METADATA, OPENID_METADATA } from "../endpoint.ts";
import { ConfigError, type ConfigProblem } from "../errors.ts";
import { parseUrl } from "../lib/url.ts";
import { fetchDocument, isTemporary, type ProviderAnswer, parseJsonObject } from "./provider-http.ts";
import { displayUrl, isSecureEndpoint, isSecureUrl } from "./provider-url.ts";
import { NoMetadata, UpstreamError, type UpstreamMetadata } from "./upstream-client.ts";

export interface DiscoveryOptions {
  /** Where the metadata document is: OpenID Connect Discovery 1.0 section 4, or RFC 8414 section 3. */
  readonly configUrl: URL;
  /** The variable that holds it, for error messages. */
  readonly variable: string;
  /** What its value looks like at this provider, for error messages. */
  readonly example?: string;
  /** The issuer to expect, exactly, whatever the address is. Default: the one that the address was made from. */
  readonly issuer?: string | undefined;
  /** The variable that sets it, where there is one, for error messages. */
  readonly issuerVariable?: string | undefined;
  /** Hosts, with their port, that may be reached by http: in a network where nobody else is. */
  readonly plainHttpHosts?: readonly string[] | undefined;
  /** The variable that lists them, for error messages. */
  readonly plainHttpVariable?: string | undefined;
  /** Issuers to accept although they do not fit the address: for a provider known to break the rule. */
  readonly otherIssuers?: readonly string[];
  /** Seconds. Default 10. */
  readonly timeout?: number;
}

/** What discovery gives: metadata with an issuer. */
export type DiscoveredMetadata = UpstreamMetadata & { readonly issuer: string };

/**
 * Fetches the provider's metadata document and checks it.
 *
 * The issuer in it must be the one that the address was made from, exactly (OpenID Connect Discovery 1.0 section 4.3,
 * RFC 8414 section 3.3), or the one that the configuration says. Every endpoint must be https, or http on this machine
 * or a host that the configuration names.
 *
 * @throws UpstreamError `unavailable` when trying again helps.
 * @throws NoMetadata when something else answers, which may pass.
 * @throws ConfigError when only a change to the configuration helps.
 */
export async function discoverMetadata(options: DiscoveryOptions): Promise<DiscoveredMetadata> {
  const { configUrl, issuer: expected, plainHttpHosts } = options;
  if (!isSecureUrl(configUrl, plainHttpHosts)) {
    throw problem(options, "is not an https address (http is for this machine only, without user name or fragment)");
  }
  const issuers = expected === undefined ? [...issuersFor(configUrl), ...(options.otherIssuers ?? [])] : [expected];
  if (issuers.length === 0) {
    throw problem(options, `does not hold ${OPENID_METADATA}`);
  }
  const document = readDocument(options, await fetchAnswer(options));
  const issuer = document.issuer;
  if (typeof issuer !== "string" || issuer === "") {
    throw noMetadata(options, 'answered with a document that has no "issuer"');
  }
  if (!issuers.includes(issuer)) {
    throw otherIssuer(options, issuer);
  }
  return toMetadata(options, document, issuer);
}

async function fetchAnswer(options: DiscoveryOptions): Promise<ProviderAnswer> {
  try {
    return await fetchDocument(options.configUrl.href, options.timeout);
  } catch (error) {
    if (error instanceof UpstreamError && error.kind === "rejected") {
      const message = `${error.message} ${advice(options)}`;
      throw new NoMetadata({ variable: options.variable, message }, "did not answer with a document");
    }
    throw error;
  }
}

function readDocument(options: DiscoveryOptions, { status, headers, body }: ProviderAnswer): Record<string, unknown> {
  if (isTemporary(status)) {
    throw new UpstreamError("unavailable", `${displayUrl(options.configUrl)} answered ${status}.`);
  }
  if (status !== 200) {
    throw noMetadata(options, `answered ${status}`);
  }
  const document = parseJsonObject(body);
  if (document === undefined) {
    const isPage = /html/i.test(headers.get("content-type") ?? "") || /^\s*</.test(body);
    throw noMetadata(options, isPage ? "answered with a web page, not with JSON" : "did not answer with a JSON object");
  }
  return document;
}

function toMetadata(
  options: DiscoveryOptions,
  document: Readonly<Record<string, unknown>>,
  issuer: string,
): DiscoveredMetadata {
  const endpoint = (name: string): string | undefined => {
    const value = document[name];
    // Browsers are sent there, from any network.
    const plainHttpHosts = name === "authorization_endpoint" ? [] : options.plainHttpHosts;
    if (value !== undefined && value !== null && !isSecureEndpoint(value, plainHttpHosts)) {
      throw insecure(options, name, value);
    }
    return value ?? undefined;
  };
  const required = (name: string): string => {
    const value = endpoint(name);
    if (value === undefined) {
      throw problem(options, `answered with a document that has no "${name}"`);
    }
    return value;
  };
  const jwksUri = options.configUrl.pathname.includes(OAUTH_METADATA) ? endpoint("jwks_uri") : required("jwks_uri");
  const revocationEndpoint = endpoint("revocation_endpoint");
  const userinfoEndpoint = endpoint("userinfo_endpoint");
  const accessTokenIssuer = document.access_token_issuer;
  const promptValues = strings(document.prompt_values_supported);
  return {
    issuer,
    ...(typeof accessTokenIssuer === "string" && accessTokenIssuer !== "" && { accessTokenIssuer }),
    authorizationEndpoint: required("authorization_endpoint"),
    tokenEndpoint: required("token_endpoint"),
    ...(jwksUri !== undefined && { jwksUri }),
    ...(revocationEndpoint !== undefined && { revocationEndpoint }),
    ...(userinfoEndpoint !== undefined && { userinfoEndpoint }),
    scopesSupported: strings(document.scopes_supported) ?? [],
    claimsSupported: strings(document.claims_supported) ?? [],
    ...(promptValues !== undefined && { promptValuesSupported: promptValues }),
    // RFC 8414 section 2: what an absent list stands for.
    tokenEndpointAuthMethodsSupported: strings(document.token_endpoint_auth_methods_supported) ?? [
      "client_secret_basic",
    ],
    idTokenSigningAlgorithms: strings(document.id_token_signing_alg_values_supported) ?? [],
    sendsIssuer: document.authorization_response_iss_parameter_supported === true,
  };
}

/** Both spellings of the issuer that `configUrl` can have been made from: a terminating slash is dropped on the way. */
function issuersFor({ origin, pathname, search }: URL): readonly string[] {
  if (search !== "") {
    return [];
  }
  if (pathname.endsWith(OPENID_METADATA)) {
    return withSlash(origin + pathname.slice(0, -OPENID_METADATA.length));
  }
  if (pathname.startsWith(`${OAUTH_METADATA}/`) || pathname.endsWith(OAUTH_METADATA)) {
    return withSlash((origin + pathname.replace(OAUTH_METADATA, "")).replace(/\/$/, ""));
  }
  return [];
}

function withSlash(issuer: string): readonly string[] {
  return [issuer, `${issuer}/`];
}

function wellKnownUrl(issuer: string): string {
  return issuer.replace(/\/$/, "") + OPENID_METADATA;
}

function strings(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : undefined;
}

function problem(options: DiscoveryOptions, found: string): ConfigError {
  return new ConfigError([describe(options, found)]);
}

function otherIssuer(options: DiscoveryOptions, issuer: string): ConfigError {
  const { variable, configUrl, issuer: expected, issuerVariable } = options;
  const found = `${displayUrl(configUrl)} answered with the metadata of another issuer, ${JSON.stringify(issuer)}`;
  if (expected !== undefined) {
    const message = `is ${JSON.stringify(expected)}, but ${found}. If that is your provider, write it exactly so.`;
    return new ConfigError([{ variable: issuerVariable ?? variable, message }]);
  }
  const otherwise =
    issuerVariable === undefined
      ? ""
      : ` If your provider names itself so on purpose (Keycloak at an address inside a cluster, Azure AD B2C), set ${issuerVariable} to that issuer.`;
  const message = `${found}; the address of that one is ${wellKnownUrl(issuer)}.${otherwise} ${advice(options)}`;
  return new ConfigError([{ variable, message }]);
}

function insecure(options: DiscoveryOptions, name: string, value: unknown): ConfigError {
  const found = `answered with a "${name}" that is not an https address`;
  const url = typeof value === "string" ? parseUrl(value) : undefined;
  const { plainHttpVariable } = options;
  if (url?.protocol !== "http:" || plainHttpVariable === undefined) {
    return problem(options, found);
  }
  const message =
    name === "authorization_endpoint"
      ? `${displayUrl(options.configUrl)} ${found}: ${displayUrl(url)}. Users' browsers are sent there. Give the provider its public https address (at Keycloak, the option hostname).`
      : `${displayUrl(options.configUrl)} ${found}: ${displayUrl(url)}. If ${url.host} is inside a network where nobody else can listen or interfere, name it in ${plainHttpVariable}.`;
  return new ConfigError([{ variable: options.variable, message }]);
}

function noMetadata(options: DiscoveryOptions, found: string): NoMetadata {
  return new NoMetadata(describe(options, found), found);
}

function describe(options: DiscoveryOptions, found: string): ConfigProblem {
  return { variable: options.variable, message: `${displayUrl(options.configUrl)} ${found}. ${advice(options)}` };
}

function advice({ example }: DiscoveryOptions): string {
  const value = example ?? `https://YOUR_TENANT${OPENID_METADATA}`;
  return `Open it in a browser: it must show the provider's metadata as JSON. The value looks like ${value}`;
}
