import { DENIAL_OF_ALL, denialUntil, denies } from "../../store/guard-entry.ts";
import { type DenialQuery, GuardShareUsedUp } from "../../store/guard-store.ts";
import type { OAuthProxyOptions } from "../options.ts";
import type { AccessGrant, RefreshGrant } from "./sealed-tokens.ts";

/**
 * Seconds. An access token may end after the session that it belongs to, if a new configuration shortened the session.
 */
export const LONGEST_ACCESS_TOKEN = 3600;

/** Everything that a token can be denied by. */
export function denialsOf(
  grant: Pick<AccessGrant | RefreshGrant, "tokenId" | keyof SessionDenials>,
): readonly DenialQuery[] {
  return [["deny-token", grant.tokenId], ...denialsOfSession(grant)];
}

/** What a session is denied by. */
export interface SessionDenials {
  readonly family: string;
  readonly loginTime: number;
  readonly subjectHash: string;
  readonly clientHash: string;
}

/** Everything that all tokens of a login can be denied by. */
export function denialsOfSession(session: SessionDenials): readonly DenialQuery[] {
  return [
    ["deny-family", session.family],
    ["deny-subject", session.subjectHash, session.loginTime],
    ["deny-client", session.clientHash, session.loginTime],
  ];
}

/**
 * Ends all tokens of one login. A user who has had as many logins ended as one may loses all others at once: that takes
 * one entry, and refuses nobody.
 *
 * @param sessionEnd when the last of its tokens would expire, seconds since the Unix epoch.
 * @param subjectHash whose login it is, where that is known.
 */
export async function denyFamily(
  options: OAuthProxyOptions,
  family: string,
  sessionEnd: number,
  subjectHash: string | undefined,
): Promise<void> {
  const ttl = Math.max(sessionEnd - options.clock(), LONGEST_ACCESS_TOKEN);
  await denyAsOwner(options, "deny-family", family, ttl, subjectHash);
}

/** Ends one access token, as {@link denyFamily} ends a login. */
export async function denyToken(options: OAuthProxyOptions, { tokenId, expiresAt, subjectHash }: AccessGrant) {
  await denyAsOwner(options, "deny-token", tokenId, expiresAt - options.clock(), subjectHash);
}

async function denyAsOwner(
  { store, clock, sessionTtl }: OAuthProxyOptions,
  kind: "deny-family" | "deny-token",
  id: string,
  ttl: number,
  subjectHash: string | undefined,
): Promise<void> {
  try {
    await store.set(kind, id, DENIAL_OF_ALL, Math.ceil(ttl), subjectHash);
  } catch (error) {
    if (!(error instanceof GuardShareUsedUp) || subjectHash === undefined) {
      throw error;
    }
    const isBlocked = denies(await store.get("deny-subject", subjectHash));
    const denial = isBlocked ? DENIAL_OF_ALL : denialUntil(clock());
    await store.set("deny-subject", subjectHash, denial, Math.ceil(Math.max(ttl, sessionTtl, LONGEST_ACCESS_TOKEN)));
  }
}
