import type { CustomFetch } from "openid-client";
import { isTemporary, requestProvider } from "./provider-http.ts";
import { displayUrl } from "./provider-url.ts";
import { readableIdToken } from "./readable-id-token.ts";
import { type ProviderRefusal, readTokenAnswer } from "./token-answer.ts";
import { UpstreamError, type UpstreamErrorKind } from "./upstream-client.ts";

const MAX_DESCRIPTION = 300;

/** The error codes that tell whose fault it is: RFC 6749 section 5.2, and what GitHub and Slack have in their place. */
const OWN_CODES: ReadonlyMap<string, UpstreamErrorKind> = new Map([
  ["invalid_grant", "invalid_grant"],
  ["bad_verification_code", "invalid_grant"],
  ["bad_refresh_token", "invalid_grant"],
  ["invalid_code", "invalid_grant"],
  ["code_already_used", "invalid_grant"],
  ["code_expired", "invalid_grant"],
  ["invalid_refresh_token", "invalid_grant"],
  ["token_expired", "invalid_grant"],
  ["token_revoked", "invalid_grant"],
  ["incorrect_client_credentials", "credentials"],
  ["bad_client_secret", "credentials"],
  ["invalid_client_id", "credentials"],
]);

/** Codes that are about the request or the application, never about a refresh token. */
const OTHER_FAULTS: ReadonlySet<string> = new Set([
  ...["access_denied", "invalid_request", "invalid_scope", "invalid_target", "server_error"],
  ...["unsupported_grant_type", "unsupported_response_type"],
]);

/** What providers without such codes say of a code or a refresh token that is no longer good. */
const SPENT =
  /\btoken\b.*\b(?:expired|revoked)\b|\b(?:refresh|authorization|verification|access) ?(?:code|token)\b.*\b(?:invalid|expired|revoked|used)\b|\b(?:invalid|expired|revoked)\b.*\b(?:refresh|authorization|verification) ?(?:code|token)\b/i;

export interface TokenEndpointFetchOptions {
  /** Seconds for each answer. */
  readonly timeout: number | undefined;
  /** Whether the library is to read an id token in the answer; else it gets none. */
  readonly idToken: boolean;
  /** Gets an answer's id token as it came. */
  readonly onIdToken?: ((idToken: unknown) => void) | undefined;
  /** What a success holds: tokens, or nothing that is read. Default tokens. */
  readonly expects?: "tokens" | "nothing" | undefined;
  /** Whether it is a refresh: a refusal without a known code is then about the refresh token. */
  readonly refreshes?: boolean | undefined;
  /** What the request holds that a message must not repeat. */
  readonly secrets: readonly (string | undefined)[];
}

/**
 * The `fetch` that the OAuth library uses at the provider's endpoints.
 *
 * @throws UpstreamError for every answer that is not a success. Answers that are reach the library as a plain 200.
 */
export function tokenEndpointFetch(options: TokenEndpointFetchOptions): CustomFetch {
  const { timeout, idToken, onIdToken, expects = "tokens" } = options;
  return async (url, { method, headers, body }) => {
    const answer = await requestProvider(url, { method: method as "POST", headers, body: body ?? null, timeout });
    const read = readTokenAnswer(answer);
    if (expects === "nothing" && read.outcome !== "refused") {
      return Response.json(null);
    }
    switch (read.outcome) {
      case "refused":
        throw refused(url, answer.status, read.refusal, options);
      case "malformed":
        throw malformed(url, read.refreshToken);
      case "tokens": {
        const { id_token: found, ...members } = read.members;
        onIdToken?.(found);
        if (!idToken || found === undefined) {
          return Response.json(members);
        }
        return Response.json({ ...members, id_token: typeof found === "string" ? readableIdToken(found) : found });
      }
    }
  };
}

/** Without a new refresh token nothing is gained by trying again; with one, the next try goes on from there. */
function malformed(url: string, refreshToken: string | undefined): UpstreamError {
  const found = `${displayUrl(url)} answered without an access token, which breaks the protocol.`;
  return refreshToken === undefined
    ? new UpstreamError("rejected", found)
    : new UpstreamError("unavailable", found, { refreshToken });
}

function refused(
  url: string,
  status: number,
  refusal: ProviderRefusal,
  { secrets, refreshes = false }: TokenEndpointFetchOptions,
): UpstreamError {
  const [code, description] = [refusal.code, refusal.description].map((text) => text && printable(text, secrets));
  const found = [String(status), code, description && `(${description})`].filter(Boolean).join(" ");
  const kind = kindOf(status, { ...(code && { code }), ...(description && { description }) }, refreshes);
  return new UpstreamError(kind, `${displayUrl(url)} answered ${found}.`, { code });
}

function kindOf(status: number, { code, description = "" }: ProviderRefusal, refreshes: boolean): UpstreamErrorKind {
  if (isTemporary(status) || code === "temporarily_unavailable") {
    return "unavailable";
  }
  const own = OWN_CODES.get(code ?? "");
  if (own !== undefined) {
    return own;
  }
  // Keycloak's word at token exchange for an audience that it does not know.
  if (code === "invalid_client" && /\baudience\b/i.test(description)) {
    return "rejected";
  }
  if (code === "invalid_client" || code === "unauthorized_client") {
    return "credentials";
  }
  if (SPENT.test(description)) {
    return "invalid_grant";
  }
  // Auth0 says `access_denied` for a wrong secret, and other providers nothing at all.
  if (status === 401 && (code === undefined || code === "access_denied")) {
    return "credentials";
  }
  const isRefusedGrant =
    refreshes && !OTHER_FAULTS.has(code ?? "") && (status < 300 || status === 400 || status === 403);
  return isRefusedGrant ? "invalid_grant" : "rejected";
}

/** `text` on one line, of bounded length, without any of `secrets`. */
function printable(text: string, secrets: readonly (string | undefined)[]): string {
  let result = text;
  for (const secret of secrets) {
    if (secret !== undefined && secret !== "") {
      result = result.replaceAll(secret, "[removed]");
    }
  }
  return result.replace(/[^\x20-\x7e\u00a0-\uffff]+/g, " ").slice(0, MAX_DESCRIPTION);
}
