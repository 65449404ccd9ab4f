import { decodeJwt } from "jose";

export interface RefreshedIdTokenRules {
  readonly issuer: string | undefined;
  readonly clientId: string;
  /** Seconds since the Unix epoch. */
  readonly now: number;
  /** Seconds that the provider's clock may differ from ours. */
  readonly tolerance: number;
}

/**
 * The id token of a refresh (OpenID Connect Core 1.0 section 12.2), where its claims are for us and current. Its
 * signature is not verified yet. `undefined` for any other: most sessions need none, and must not end for it.
 */
export function readRefreshedIdToken(
  value: unknown,
  { issuer, clientId, now, tolerance }: RefreshedIdTokenRules,
): string | undefined {
  if (typeof value !== "string" || issuer === undefined) {
    return undefined;
  }
  try {
    const { iss, aud, exp } = decodeJwt(value);
    const isForUs = iss === issuer && [aud].flat().includes(clientId);
    return isForUs && typeof exp === "number" && exp > now - tolerance ? value : undefined;
  } catch {
    return undefined;
  }
}
