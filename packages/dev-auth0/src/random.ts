import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** 256 random bits, base64url. */
export function randomToken(): string {
  return randomBytes(32).toString("base64url");
}

/** Compares two secrets in a time that does not depend on where they differ. */
export function secretsMatch(actual: string, expected: string): boolean {
  return timingSafeEqual(sha256(actual), sha256(expected));
}

/** RFC 7636 section 4.2: `S256`. */
export function codeChallenge(verifier: string): string {
  return sha256(verifier).toString("base64url");
}

/** SHA-256 of the value in UTF-8. */
function sha256(value: string): Buffer {
  return createHash("sha256").update(value).digest();
}
