import type { Clock } from "../clock.ts";
import { UNKNOWN_LIFETIME } from "./token-lookup.ts";
import { UpstreamTokenError, type VerifiedUpstreamToken } from "./upstream-token.ts";

/** What a look-up said, as the provider spells it. */
export interface LookedUpClaims {
  readonly subject: unknown;
  /** The client that the token was issued to. */
  readonly clientId: unknown;
  /** Seconds since the Unix epoch; absent: the provider does not tell. */
  readonly expiresAt?: unknown;
  readonly scopes: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
}

/**
 * The answer of a look-up in our terms. Numbers become strings where an id is wanted.
 *
 * @throws UpstreamTokenError when it names nobody, or the token has expired.
 */
export function toLookedUpToken(found: LookedUpClaims, clock: Clock): VerifiedUpstreamToken {
  const subject = identifier(found.subject);
  if (subject === undefined) {
    throw new UpstreamTokenError("claims", "The identity provider's answer does not say whose token it is.");
  }
  const now = clock();
  const expiresAt =
    found.expiresAt === undefined || found.expiresAt === null ? now + UNKNOWN_LIFETIME : Number(found.expiresAt);
  if (!Number.isFinite(expiresAt)) {
    throw new UpstreamTokenError(
      "claims",
      "The identity provider's answer has an end of the token that is no point in time.",
    );
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
 * Refuses what two answers about one token say of two users (OpenID Connect Core 1.0 section 5.3.2).
 * An answer that names nobody is about nobody else.
 *
 * @throws UpstreamTokenError
 */
export function requireSameUser(one: unknown, other: unknown): void {
  const [first, second] = [identifier(one), identifier(other)];
  if (first !== undefined && second !== undefined && first !== second) {
    throw new UpstreamTokenError("claims", "The identity provider's answers about the token are of different users.");
  }
}

/** Scopes as providers spell them: separated by spaces or commas, or as a list. */
export function listedScopes(value: unknown): readonly string[] {
  const entries: readonly unknown[] = Array.isArray(value) ? value : String(value ?? "").split(/[\s,]+/);
  return entries.filter((entry) => typeof entry === "string" && entry !== "") as string[];
}

function identifier(value: unknown): string | undefined {
  if (typeof value === "number" && Number.isSafeInteger(value)) {
    return String(value);
  }
  return typeof value === "string" && value !== "" ? value : undefined;
}

function withoutAbsent(claims: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined && value !== null));
}
