import { DENIAL_OF_ALL } from "../../store/guard-entry.ts";
import type { DenialQuery } from "../../store/guard-store.ts";
import type { OAuthProxyOptions } from "../options.ts";
import type { AccessGrant, RefreshGrant } from "./sealed-tokens.ts";

// An access token may end after the session it belongs to was shortened by a new configuration.
const LONGEST_ACCESS_TOKEN = 3600;

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

/** Ends all tokens of one login. `sessionEnd` is when the last of them would expire, seconds since the Unix epoch. */
export async function denyFamily(
  { store, clock }: OAuthProxyOptions,
  family: string,
  sessionEnd: number,
): Promise<void> {
  const ttl = Math.max(sessionEnd - clock(), LONGEST_ACCESS_TOKEN);
  await store.set("deny-family", family, DENIAL_OF_ALL, Math.ceil(ttl));
}
