import { ConfigError } from "../errors.ts";
import { fetchDocument, isTemporary, type ProviderAnswer, parseJsonObject } from "./provider-http.ts";
import { displayUrl, isSecureEndpoint, isSecureUrl } from "./provider-url.ts";
import { UpstreamError, type UpstreamMetadata } from "./upstream-client.ts";

const OPENID_SUFFIX = "/.well-known/openid-configuration";
const OAUTH_INFIX = "/.well-known/oauth-authorization-server";

export interface DiscoveryOptions {
  /** Where the metadata document is: OpenID Connect Discovery 1.0 section 4, or RFC 8414 section 3. */
  readonly configUrl: URL;
  /** The variable that holds it, for error messages. */
  readonly variable: string;
  /** What its value looks like at this provider, for error messages. */
  readonly example?: string;
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
 * RFC 8414 section 3.3), and every endpoint must be https, or http on this machine.
 *
 * @throws UpstreamError `unavailable` when trying again may help.
 * @throws ConfigError when only a change to the configuration helps.
 */
export async function discoverMetadata(options: DiscoveryOptions): Promise<DiscoveredMetadata> {
  const { configUrl } = options;
  if (!isSecureUrl(configUrl)) {
    throw problem(options, "is not an https address (http is for this machine only, without user name or fragment)");
  }
  const issuers = [...issuersFor(configUrl), ...(options.otherIssuers ?? [])];
  if (issuers.length === 0) {
    throw problem(options, `does not hold ${OPENID_SUFFIX}`);
  }
  const document = readDocument(options, await fetchAnswer(options));
  const issuer = document.issuer;
  if (typeof issuer !== "string" || issuer === "") {
    throw problem(options, 'answered with a document that has no "issuer"');
  }
  if (!issuers.includes(issuer)) {
    throw problem(
      options,
      `answered with the metadata of another issuer, ${JSON.stringify(issuer)}; the address of that one is ${wellKnownUrl(issuer)}`,
    );
  }
  return toMetadata(options, document, issuer);
}

async function fetchAnswer(options: DiscoveryOptions): Promise<ProviderAnswer> {
  try {
    return await fetchDocument(options.configUrl.href, options.timeout);
  } catch (error) {
    if (error instanceof UpstreamError && error.kind === "rejected") {
      throw new ConfigError([{ variable: options.variable, message: `${error.message} ${advice(options)}` }]);
    }
    throw error;
  }
}

function readDocument(options: DiscoveryOptions, { status, headers, body }: ProviderAnswer): Record<string, unknown> {
  if (isTemporary(status)) {
    throw new UpstreamError("unavailable", `${displayUrl(options.configUrl)} answered ${status}.`);
  }
  if (status !== 200) {
    throw problem(options, `answered ${status}`);
  }
  const document = parseJsonObject(body);
  if (document === undefined) {
    const isPage = /html/i.test(headers.get("content-type") ?? "") || /^\s*</.test(body);
    throw problem(options, isPage ? "answered with a web page, not with JSON" : "did not answer with a JSON object");
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
    if (value !== undefined && value !== null && !isSecureEndpoint(value)) {
      throw problem(options, `answered with a "${name}" that is not an https address`);
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
  const jwksUri = options.configUrl.pathname.includes(OAUTH_INFIX) ? endpoint("jwks_uri") : required("jwks_uri");
  const revocationEndpoint = endpoint("revocation_endpoint");
  const userinfoEndpoint = endpoint("userinfo_endpoint");
  return {
    issuer,
    authorizationEndpoint: required("authorization_endpoint"),
    tokenEndpoint: required("token_endpoint"),
    ...(jwksUri !== undefined && { jwksUri }),
    ...(revocationEndpoint !== undefined && { revocationEndpoint }),
    ...(userinfoEndpoint !== undefined && { userinfoEndpoint }),
    scopesSupported: strings(document.scopes_supported) ?? [],
    claimsSupported: strings(document.claims_supported) ?? [],
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
  if (pathname.endsWith(OPENID_SUFFIX)) {
    return withSlash(origin + pathname.slice(0, -OPENID_SUFFIX.length));
  }
  if (pathname.startsWith(`${OAUTH_INFIX}/`) || pathname.endsWith(OAUTH_INFIX)) {
    return withSlash((origin + pathname.replace(OAUTH_INFIX, "")).replace(/\/$/, ""));
  }
  return [];
}

function withSlash(issuer: string): readonly string[] {
  return [issuer, `${issuer}/`];
}

function wellKnownUrl(issuer: string): string {
  return issuer.replace(/\/$/, "") + OPENID_SUFFIX;
}

function strings(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : undefined;
}

function problem(options: DiscoveryOptions, found: string): ConfigError {
  const message = `${displayUrl(options.configUrl)} ${found}. ${advice(options)}`;
  return new ConfigError([{ variable: options.variable, message }]);
}

function advice({ example }: DiscoveryOptions): string {
  const value = example ?? `https://YOUR_TENANT${OPENID_SUFFIX}`;
  return `Open it in a browser: it must show the provider's metadata as JSON. The value looks like ${value}`;
}
