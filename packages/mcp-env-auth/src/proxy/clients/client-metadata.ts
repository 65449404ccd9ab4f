import { OAuthError, type OAuthErrorCode } from "../../errors.ts";
import { describable } from "../protocol/parameters.ts";
import { OFFLINE_ACCESS, splitScopes } from "../protocol/scopes.ts";
import { isPresentable, MAX_NAME_LENGTH } from "./client-name.ts";
import type { RedirectPolicy } from "./redirect-policy.ts";
import { parseRedirectUri, type RedirectUri } from "./redirect-uris.ts";

const MAX_REDIRECT_URIS = 20;
const MAX_SCOPE_LENGTH = 1000;
const MAX_LIST_LENGTH = 20;

export interface ClientMetadataRules {
  readonly isRedirectUriAllowed: RedirectPolicy;
  readonly scopesSupported: readonly string[];
}

/** What a client says of itself, whichever way it does. */
export interface ClientMetadata {
  readonly redirectUris: readonly string[];
  readonly applicationType?: "web" | "native";
  readonly name?: string;
  /** Scopes for requests that name none: a default, never a ceiling. */
  readonly scopes?: readonly string[];
  /** `dpop_bound_access_tokens` (RFC 9449 section 5.2): it gets bound tokens only. */
  readonly dpopBound?: true;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Validates client metadata (RFC 7591 section 2), but for how the client
 * authenticates. Fields it has no use for are ignored. Scopes that this server
 * does not have are left out, because `scope` is only a default for later
 * requests.
 *
 * @throws OAuthError `invalid_client_metadata` or `invalid_redirect_uri`.
 */
export function readClientMetadata(fields: Fields, rules: ClientMetadataRules): ClientMetadata {
  requireListed(fields, "grant_types", "authorization_code");
  requireListed(fields, "response_types", "code");
  const applicationType = readApplicationType(fields);
  const name = readName(fields);
  const scopes = readScopes(fields, rules.scopesSupported);
  return {
    redirectUris: readRedirectUris(fields, applicationType, rules.isRedirectUriAllowed),
    ...(applicationType !== undefined && { applicationType }),
    ...(name !== undefined && { name }),
    ...(scopes.length > 0 && { scopes }),
    ...(readDpopBound(fields) && { dpopBound: true }),
  };
}

/** An error about metadata, in words for the client's developer. */
export function invalidMetadata(description: string, code: OAuthErrorCode = "invalid_client_metadata"): OAuthError {
  return new OAuthError(code, description);
}

function readRedirectUris(
  fields: Fields,
  applicationType: ClientMetadata["applicationType"],
  isAllowed: RedirectPolicy,
): readonly string[] {
  const uris = fields.redirect_uris;
  if (!Array.isArray(uris) || uris.length === 0) {
    throw invalidMetadata("redirect_uris must list at least one URI.", "invalid_redirect_uri");
  }
  if (uris.length > MAX_REDIRECT_URIS) {
    throw invalidMetadata(`redirect_uris may list at most ${MAX_REDIRECT_URIS} URIs.`, "invalid_redirect_uri");
  }
  const refuse = (uri: string, problem: string) =>
    invalidMetadata(`The redirect URI '${describable(uri)}' ${problem}.`, "invalid_redirect_uri");
  return [...new Set(uris)].map((uri: unknown) => {
    if (typeof uri !== "string") {
      throw invalidMetadata("redirect_uris must be a list of strings.", "invalid_redirect_uri");
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

function readApplicationType(fields: Fields): ClientMetadata["applicationType"] {
  const value = fields.application_type ?? undefined;
  if (value !== undefined && value !== "web" && value !== "native") {
    throw invalidMetadata("application_type must be 'web' or 'native'.");
  }
  return value;
}

function readName(fields: Fields): string | undefined {
  const name = readText(fields, "client_name");
  if (name !== undefined && !isPresentable(name)) {
    throw invalidMetadata(
      `client_name must be text that people can see, of at most ${MAX_NAME_LENGTH} characters: without control or invisible characters, and without stacked marks.`,
    );
  }
  return name;
}

function readScopes(fields: Fields, supported: readonly string[]): readonly string[] {
  const scope = readText(fields, "scope") ?? "";
  if (scope.length > MAX_SCOPE_LENGTH) {
    throw invalidMetadata(`scope must have at most ${MAX_SCOPE_LENGTH} characters.`);
  }
  return splitScopes(scope).filter((name) => supported.includes(name) || name === OFFLINE_ACCESS);
}

function readDpopBound({ dpop_bound_access_tokens: value = false }: Fields): boolean {
  if (typeof value !== "boolean") {
    throw invalidMetadata("dpop_bound_access_tokens must be true or false.");
  }
  return value;
}

function readText(fields: Fields, name: string): string | undefined {
  const value = fields[name] ?? "";
  if (typeof value !== "string") {
    throw invalidMetadata(`${name} must be text.`);
  }
  return value === "" ? undefined : value;
}

function requireListed(fields: Fields, name: string, needed: string): void {
  const value = fields[name] ?? undefined;
  if (value === undefined) {
    return;
  }
  if (!Array.isArray(value) || value.length > MAX_LIST_LENGTH || !value.includes(needed)) {
    throw invalidMetadata(`${name} must be a list that has '${needed}'.`);
  }
}
