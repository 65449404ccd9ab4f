import { isTemporary, isWebPage, type ProviderAnswer, parseJsonObject } from "./provider-http.ts";
import type { ProviderRefusal } from "./token-answer.ts";
import type { UpstreamErrorKind } from "./upstream-client.ts";

/** The error codes that tell whose fault it is: RFC 6749 section 5.2, and what GitHub and Slack have in their place. */
const OWN_CODES: ReadonlyMap<string, UpstreamErrorKind> = new Map([
  ["invalid_grant", "invalid_grant"],
  ["bad_verification_code", "invalid_grant"],
  ["bad_refresh_token", "invalid_grant"],
  ["invalid_code", "invalid_grant"],
  ["code_already_used", "invalid_grant"],
  ["code_expired", "invalid_grant"],
  ["invalid_refresh_token", "invalid_grant"],
  ["invalid_token", "invalid_grant"],
  ["expired_token", "invalid_grant"],
  ["token_expired", "invalid_grant"],
  ["token_revoked", "invalid_grant"],
  ["incorrect_client_credentials", "credentials"],
  ["bad_client_secret", "credentials"],
  ["invalid_client_id", "credentials"],
]);

/** Codes that are about the request or the application, never about a refresh token. */
const OTHER_FAULTS: ReadonlySet<string> = new Set([
  ...["access_denied", "invalid_request", "invalid_resource", "invalid_scope", "invalid_target", "server_error"],
  ...["unsupported_grant_type", "unsupported_response_type"],
]);

/** Other codes of OAuth, of OpenID Connect Core 1.0 section 3.1.2.6 and of Auth0 that come with 403. */
const OF_OAUTH: ReadonlySet<string> = new Set([
  ...["invalid_client", "unauthorized_client", "unauthorized", "mfa_required"],
  ...["account_selection_required", "consent_required", "interaction_required", "login_required"],
]);

/** What OAuth calls an outage where its status does not (RFC 6749 section 4.1.2.1), and what others call one. */
const OUTAGES = /^(?:temporarily_unavailable|internal_error|fatal_error|slow_down|rate_?limit\w*)$/i;

/** What providers without such codes say of an invalid code or refresh token, or of its user. */
const SPENT: readonly RegExp[] = [
  /\btoken\b.*\b(?:expired|revoked)\b/i,
  /\b(?:refresh|authorization|verification|access)[ _]?(?:code|token)\b.*\b(?:invalid|expired|revoked|used)\b/i,
  /\b(?:invalid|expired|revoked)\b.*\b(?:refresh|authorization|verification|access)[ _]?(?:code|token)\b/i,
  /\b(?:account|user) (?:is|was|has been) (?:blocked|deactivated|deleted|disabled|suspended)\b/i,
];

/** What providers say at a refresh of the only token that it has (Zoom, with `invalid_request`). */
const SPENT_AT_REFRESH = /^\W*(?:(?:invalid|expired|revoked) token|token (?:is )?invalid)\W*$/i;

/** In characters: what a provider says begins with what matters. */
const MAX_READ = 1000;

/** Whether a provider says in words that a code or token is invalid. */
export function saysSpent(text: string | undefined, refreshes = false): boolean {
  const read = (text ?? "").slice(0, MAX_READ);
  return SPENT.some((words) => words.test(read)) || (refreshes && SPENT_AT_REFRESH.test(read));
}

/** Names of statuses. Frameworks and gateways write them into `error` (Spring Boot, NestJS, AWS). */
const STATUS_NAMES: ReadonlySet<string> = new Set([
  ...["bad request", "unauthorized", "payment required", "forbidden", "not found", "method not allowed"],
  ...["not acceptable", "proxy authentication required", "request timeout", "conflict", "gone", "precondition failed"],
  ...["payload too large", "unsupported media type", "unprocessable entity", "locked", "too many requests"],
  ...["internal server error", "not implemented", "bad gateway", "service unavailable", "gateway timeout"],
]);

/** What to look for when an answer is nothing that an OAuth endpoint says. */
export const ANSWERED_BY_OTHERS =
  "That is not an OAuth token endpoint's answer: something in front of the provider answers in its place, or the address is wrong.";

/** A judgment on a refusal. */
export interface JudgedRefusal {
  readonly kind: UpstreamErrorKind;
  /** Whether an OAuth endpoint said it. If not, the code or refresh token that was sent is as good as before. */
  readonly isVerdict: boolean;
}

/**
 * Whose fault a refusal at the token endpoint is. Only words of OAuth, or of the providers that have others, are a
 * verdict: a firewall in front of the provider answers with the same statuses.
 *
 * @param refreshes whether a code that is not known is about a refresh token
 */
export function judgeRefusal(answer: ProviderAnswer, refusal: ProviderRefusal, refreshes: boolean): JudgedRefusal {
  const code = isMoreThanStatus(refusal.code) && !isForeign(answer, refusal.code) ? refusal.code : undefined;
  const isSpent = saysSpent(refusal.code) || saysSpent(refusal.description);
  const isVerdict = code !== undefined || isSpent;
  if (isTemporary(answer.status) || OUTAGES.test(code ?? "")) {
    return { kind: "unavailable", isVerdict };
  }
  if (code !== undefined) {
    return { kind: kindOfCode(answer.status, code, refusal.description ?? "", refreshes), isVerdict };
  }
  if (isSpent) {
    return { kind: "invalid_grant", isVerdict };
  }
  // Some providers say nothing else to a client that they don't know.
  return { kind: answer.status === 401 && !isWebPage(answer) ? "credentials" : "rejected", isVerdict };
}

/**
 * Whether `error` may come from a firewall or gateway. Theirs is not an OAuth code, comes without `error_description`,
 * and with a status that RFC 6749 section 5.2 does not have. Frameworks behind a provider use 400.
 */
function isForeign({ status, body }: ProviderAnswer, error: string): boolean {
  const isOAuth = [OWN_CODES, OTHER_FAULTS, OF_OAUTH].some((codes) => codes.has(error)) || OUTAGES.test(error);
  const isDescribed = !/\s/.test(error.trim()) && typeof parseJsonObject(body)?.error_description === "string";
  return status > 401 && !isOAuth && !isDescribed;
}

function kindOfCode(status: number, code: string, description: string, refreshes: boolean): UpstreamErrorKind {
  const own = OWN_CODES.get(code);
  if (own !== undefined) {
    return own;
  }
  // Keycloak's word at token exchange for an audience that it does not know.
  if (code === "invalid_client" && /\baudience\b/i.test(description)) {
    return "rejected";
  }
  // Atlassian's code for an invalid refresh token.
  const isAboutToken = saysSpent(description, refreshes) && (refreshes || code !== "unauthorized_client");
  if (code === "invalid_client" || (code === "unauthorized_client" && !isAboutToken)) {
    return "credentials";
  }
  if (isAboutToken) {
    return "invalid_grant";
  }
  // Auth0's word for a wrong secret.
  if (status === 401 && code === "access_denied") {
    return "credentials";
  }
  const isRefusedGrant = refreshes && !OTHER_FAULTS.has(code) && (status < 300 || status === 400 || status === 403);
  return isRefusedGrant ? "invalid_grant" : "rejected";
}

/** Whether `text` is more than a status in words or digits. `unauthorized` in small letters is Auth0's own. */
export function isMoreThanStatus(text: string | undefined): text is string {
  if (text === undefined || text === "unauthorized") {
    return text !== undefined;
  }
  return !/^\d+$/.test(text) && !STATUS_NAMES.has(text.toLowerCase().replace(/[_-]/g, " "));
}
