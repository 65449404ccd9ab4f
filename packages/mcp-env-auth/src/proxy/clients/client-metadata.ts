import { OAuthError, type OAuthErrorCode } from "../../errors.ts";
import { OFFLINE_ACCESS } from "../../scope.ts";
import { describable } from "../protocol/parameters.ts";
import { longestScope, splitScopes } from "../protocol/scopes.ts";
import { cleanName, MAX_NAME_LENGTH } from "./client-name.ts";
import type { RedirectPolicy } from "./redirect-policy.ts";
import { parseRedirectUri, type RedirectUri } from "./redirect-uris.ts";

const MAX_REDIRECT_URIS = 20;
const MAX_LIST_LENGTH = 20;

export interface ClientMetadataRules {
  readonly isRedirectUriAllowed: RedirectPolicy;
  /** The scopes that a client may have as its default. */
  readonly offeredScopes: readonly string[];
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
 * Validates client metadata (RFC 7591 section 2), but for how the client authenticates. Fields it has no use for are
 * ignored, and empty texts and lists count as absent. Scopes that this server does not have are left out, because
 * `scope` is only a default for later requests.
 *
 * @throws OAuthError `invalid_client_metadata` or `invalid_redirect_uri`.
 */
export function readClientMetadata(fields: Fields, rules: ClientMetadataRules): ClientMetadata {
  // First: without them no client can log in, whatever else is wrong.
  const uris = readRedirectUriList(fields);
  requireListed(fields, "grant_types", "authorization_code");
  requireListed(fields, "response_types", "code");
  const applicationType = readApplicationType(fields);
  const name = readName(fields);
  const scopes = readScopes(fields, rules.offeredScopes);
  return {
    redirectUris: checkRedirectUris(uris, applicationType, rules.isRedirectUriAllowed),
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

function readRedirectUriList(fields: Fields): readonly unknown[] {
  const uris = presentValue(fields.redirect_uris);
  if (!Array.isArray(uris)) {
    throw invalidMetadata("redirect_uris must list at least one URI.", "invalid_redirect_uri");
  }
  if (uris.length > MAX_REDIRECT_URIS) {
    throw invalidMetadata(`redirect_uris may list at most ${MAX_REDIRECT_URIS} URIs.`, "invalid_redirect_uri");
  }
  return uris;
}

function checkRedirectUris(
  uris: readonly unknown[],
  applicationType: ClientMetadata["applicationType"],
  isAllowed: RedirectPolicy,
): readonly string[] {
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
  const value = presentValue(fields.application_type);
  if (value !== undefined && value !== "web" && value !== "native") {
    throw invalidMetadata("application_type must be 'web' or 'native'.");
  }
  return value;
}

function readName(fields: Fields): string | undefined {
  const name = readText(fields, "client_name");
  if (name !== undefined && name.length > MAX_NAME_LENGTH) {
    throw invalidMetadata(`client_name must have at most ${MAX_NAME_LENGTH} characters.`);
  }
  return name && cleanName(name);
}

function readScopes(fields: Fields, offered: readonly string[]): readonly string[] {
  const scope = readText(fields, "scope") ?? "";
  const longest = longestScope([...offered, OFFLINE_ACCESS]);
  if (scope.length > longest) {
    throw invalidMetadata(`scope must have at most ${longest} characters.`);
  }
  return splitScopes(scope).filter((name) => offered.includes(name));
}

function readDpopBound(fields: Fields): boolean {
  const value = presentValue(fields.dpop_bound_access_tokens) ?? false;
  if (typeof value !== "boolean") {
    throw invalidMetadata("dpop_bound_access_tokens must be true or false.");
  }
  return value;
}

/** `undefined` for what a client without a value for a member sends: null, an empty text or an empty list. */
export function presentValue(value: unknown): unknown {
  const isEmpty = value === null || value === "" || (Array.isArray(value) && value.every((item) => item === ""));
  return isEmpty ? undefined : value;
}

function readText(fields: Fields, name: string): string | undefined {
  const value = presentValue(fields[name]);
  if (value !== undefined && typeof value !== "string") {
    throw invalidMetadata(`${name} must be text.`);
  }
  return value;
}

function requireListed(fields: Fields, name: string, needed: string): void {
  const value = presentValue(fields[name]);
  if (value === undefined) {
    return;
  }
  if (!Array.isArray(value) || value.length > MAX_LIST_LENGTH || !value.includes(needed)) {
    throw invalidMetadata(`${name} must be a list that has '${needed}'.`);
  }
}
