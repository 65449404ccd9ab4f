import type { GuardClass } from "../store/guard-store.ts";
import type { OAuthProxyOptions } from "./oauth-proxy.ts";
import type { AccessGrant, RefreshGrant } from "./sealed-tokens.ts";

// An access token may end after the session it belongs to was shortened by a new configuration.
const LONGEST_ACCESS_TOKEN = 3600;

/** Everything that a token can be denied by. */
export function denialsOf(
  grant: Pick<AccessGrant | RefreshGrant, "tokenId" | "family" | "subjectHash" | "clientHash">,
): readonly (readonly [GuardClass, string])[] {
  return [
    ["deny-token", grant.tokenId],
    ["deny-family", grant.family],
    ["deny-subject", grant.subjectHash],
    ["deny-client", grant.clientHash],
  ];
}

/** Ends all tokens of one login. `sessionEnd` is when the last of them would expire, seconds since the Unix epoch. */
export async function denyFamily(
  { store, clock }: OAuthProxyOptions,
  family: string,
  sessionEnd: number,
): Promise<void> {
  const ttl = Math.max(sessionEnd - clock(), LONGEST_ACCESS_TOKEN);
  await store.set("deny-family", family, "1", Math.ceil(ttl));
}
