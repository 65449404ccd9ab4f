import type { Clock } from "../lib/clock.ts";
import { identifier } from "./provider-values.ts";
import type { SubjectRules } from "./subject-rules.ts";
import { UNKNOWN_LIFETIME } from "./token-lookup.ts";
import { missingSubject, subjectOf } from "./token-subject.ts";
import { UpstreamTokenError, type VerifiedUpstreamToken } from "./upstream-token.ts";

/** What a look-up said, as the provider spells it. */
export interface LookedUpClaims {
  readonly subject: string;
  /** The client that the token was issued to. */
  readonly clientId: unknown;
  /** Seconds since the Unix epoch; absent: the provider does not tell. */
  readonly expiresAt?: unknown;
  readonly scopes: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
}

/**
 * The answer of a look-up in our terms.
 *
 * @throws UpstreamTokenError when the token has expired.
 */
export function toLookedUpToken(found: LookedUpClaims, clock: Clock): VerifiedUpstreamToken {
  const { subject } = found;
  const now = clock();
  const expiresAt = isAbsent(found.expiresAt) ? now + UNKNOWN_LIFETIME : instantIn(found.expiresAt);
  if (expiresAt === undefined) {
    throw new UpstreamTokenError("claims", "The identity provider returned an invalid token expiry.");
  }
  if (expiresAt <= now) {
    throw new UpstreamTokenError("expired", "The token has expired.");
  }
  return {
    subject,
    clientId: identifier(found.clientId) ?? subject,
    expiresAt: Math.floor(expiresAt),
    scopes: [...new Set(found.scopes)],
    claims: withoutAbsent(found.claims),
  };
}

/** Whom the claims of a look-up name. @throws UpstreamTokenError `subject` when they name nobody. */
export function requireSubject(claims: Readonly<Record<string, unknown>>, rules?: SubjectRules): string {
  const subject = subjectOf(claims, rules);
  if (subject === undefined) {
    throw missingSubject(claims, rules);
  }
  return subject;
}

/**
 * Refuses what was looked up once and sealed, if its claims name somebody else by today's rules: earlier releases took
 * the application for the user where the provider named none.
 *
 * @throws UpstreamTokenError `subject`
 */
export function requireSealedSubject(verified: VerifiedUpstreamToken, rules?: SubjectRules): VerifiedUpstreamToken {
  if (requireSubject(verified.claims, rules) === verified.subject) {
    return verified;
  }
  throw new UpstreamTokenError("subject", "The session was opened under a subject that is not its user's.");
}

/**
 * Refuses a token that another application was given, and that came here to pass for ours.
 *
 * @throws UpstreamTokenError
 */
export function requireOurClient(found: unknown, clientId: string): void {
  if (![found].flat().some((candidate) => identifier(candidate) === clientId)) {
    throw new UpstreamTokenError("client", "The token was issued to another application than ours.");
  }
}

/**
 * Refuses what two answers about one token say of two users (OpenID Connect Core 1.0 section 5.3.2). An answer that
 * names nobody is about nobody else.
 *
 * @throws UpstreamTokenError
 */
export function requireSameUser(one: unknown, other: unknown): void {
  const [first, second] = [identifier(one), identifier(other)];
  if (first !== undefined && second !== undefined && first !== second) {
    throw new UpstreamTokenError("claims", "The identity provider's answers about the token are of different users.");
  }
}

/** `claims` without what some providers send for "absent": `null`. */
export function withoutAbsent(claims: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined && value !== null));
}

/** Some providers write 0, or an empty text, for a token without an end. */
function isAbsent(instant: unknown): boolean {
  const value = typeof instant === "string" ? Number(instant) : instant;
  return value === undefined || value === null || value === 0;
}

/** A number, or its decimal text. */
function instantIn(value: unknown): number | undefined {
  const number = typeof value === "string" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}
