import { OAuthError, type OAuthErrorCode } from "../errors.ts";
import { describable } from "./parameters.ts";
import type { RedirectPolicy } from "./redirect-policy.ts";
import { parseRedirectUri, type RedirectUri } from "./redirect-uris.ts";
import { OFFLINE_ACCESS, splitScopes } from "./scopes.ts";
import type { ClientAuthMethod, Registration } from "./sealed-tokens.ts";

const MAX_REDIRECT_URIS = 20;
const MAX_NAME_LENGTH = 200;
const MAX_SCOPE_LENGTH = 1000;
const MAX_LIST_LENGTH = 20;
const AUTH_METHODS: readonly ClientAuthMethod[] = ["none", "client_secret_post", "client_secret_basic"];

// Controls, line separators, and the marks that turn the direction of text: a name is shown on the consent page.
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;

export interface RegistrationRules {
  readonly isRedirectUriAllowed: RedirectPolicy;
  readonly scopesSupported: readonly string[];
  /** Seconds since the Unix epoch. */
  readonly issuedAt: number;
}

/**
 * Validates client metadata (RFC 7591 section 2). Fields it has no use for are
 * ignored. An absent `token_endpoint_auth_method` counts as `none`: what MCP
 * clients without one can do. Scopes that this server does not have are left
 * out, because `scope` is only a default for later requests.
 *
 * @throws OAuthError `invalid_client_metadata` or `invalid_redirect_uri`.
 */
export function readRegistration(body: unknown, rules: RegistrationRules): Registration {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw invalid("Send the client metadata as a JSON object.");
  }
  const metadata = body as Readonly<Record<string, unknown>>;
  requireListed(metadata, "grant_types", "authorization_code");
  requireListed(metadata, "response_types", "code");
  const applicationType = readApplicationType(metadata);
  const name = readText(metadata, "client_name", MAX_NAME_LENGTH);
  const scopes = readScopes(metadata, rules.scopesSupported);
  return {
    redirectUris: readRedirectUris(metadata, applicationType, rules.isRedirectUriAllowed),
    authMethod: readAuthMethod(metadata),
    ...(applicationType !== undefined && { applicationType }),
    ...(name !== undefined && { name }),
    ...(scopes.length > 0 && { scopes }),
    issuedAt: rules.issuedAt,
  };
}

type Metadata = Readonly<Record<string, unknown>>;

function readRedirectUris(
  metadata: Metadata,
  applicationType: Registration["applicationType"],
  isAllowed: RedirectPolicy,
): readonly string[] {
  const uris = metadata.redirect_uris;
  if (!Array.isArray(uris) || uris.length === 0) {
    throw invalid("redirect_uris must list at least one URI.", "invalid_redirect_uri");
  }
  if (uris.length > MAX_REDIRECT_URIS) {
    throw invalid(`redirect_uris may list at most ${MAX_REDIRECT_URIS} URIs.`, "invalid_redirect_uri");
  }
  const refuse = (uri: string, problem: string) =>
    invalid(`The redirect URI '${describable(uri)}' ${problem}.`, "invalid_redirect_uri");
  return [...new Set(uris)].map((uri: unknown) => {
    if (typeof uri !== "string") {
      throw invalid("redirect_uris must be a list of strings.", "invalid_redirect_uri");
    }
    const parsed = parseRedirectUri(uri);
    if ("problem" in parsed) {
      throw refuse(uri, parsed.problem);
    }
    if (applicationType === "web" && parsed.kind !== "web") {
      throw refuse(uri, "is not https, which application_type 'web' requires; register as 'native'");
    }
    if (!isAllowed(parsed)) {
      throw refuse(uri, "is not one that this server allows: see ALLOWED_CLIENT_REDIRECT_URIS");
    }
    return (parsed satisfies RedirectUri).uri;
  });
}

function readAuthMethod(metadata: Metadata): ClientAuthMethod {
  const value = metadata.token_endpoint_auth_method ?? "none";
  const method = AUTH_METHODS.find((known) => known === value);
  if (method === undefined) {
    throw invalid(`token_endpoint_auth_method must be one of ${AUTH_METHODS.join(", ")}.`);
  }
  return method;
}

function readApplicationType(metadata: Metadata): Registration["applicationType"] {
  const value = metadata.application_type ?? undefined;
  if (value !== undefined && value !== "web" && value !== "native") {
    throw invalid("application_type must be 'web' or 'native'.");
  }
  return value;
}

function readScopes(metadata: Metadata, supported: readonly string[]): readonly string[] {
  const scope = readText(metadata, "scope", MAX_SCOPE_LENGTH) ?? "";
  return splitScopes(scope).filter((name) => supported.includes(name) || name === OFFLINE_ACCESS);
}

function readText(metadata: Metadata, name: string, limit: number): string | undefined {
  const value = metadata[name] ?? undefined;
  if (value === undefined || value === "") {
    return undefined;
  }
  if (typeof value !== "string" || value.length > limit || UNPRINTABLE.test(value)) {
    throw invalid(`${name} must be text of at most ${limit} characters, without control characters.`);
  }
  return value;
}

function requireListed(metadata: Metadata, name: string, needed: string): void {
  const value = metadata[name] ?? undefined;
  if (value === undefined) {
    return;
  }
  if (!Array.isArray(value) || value.length > MAX_LIST_LENGTH || !value.includes(needed)) {
    throw invalid(`${name} must be a list that has '${needed}'.`);
  }
}

function invalid(description: string, code: OAuthErrorCode = "invalid_client_metadata"): OAuthError {
  return new OAuthError(code, description);
}
