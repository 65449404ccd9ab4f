/** Characters of base64url: 4096 bits, and an exponent of 32. Larger ones cost time, and nobody has them. */
const MAX_MODULUS = 684;
const MAX_EXPONENT = 6;

/** What a key that a stranger sends may have at most, for messages. */
export const MAX_RSA_BITS = 4096;

/**
 * Whether a public key (RFC 7518 section 6.3.1) that a stranger sends is RSA and so large that it would cost time to
 * verify with.
 */
export function isLargeRsaKey({
  kty,
  n,
  e,
}: {
  readonly kty?: unknown;
  readonly n?: unknown;
  readonly e?: unknown;
}): boolean {
  return kty === "RSA" && (lengthOf(n) > MAX_MODULUS || lengthOf(e) > MAX_EXPONENT);
}

function lengthOf(member: unknown): number {
  return typeof member === "string" ? member.length : 0;
}
