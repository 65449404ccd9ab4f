import { createHash, hash, randomBytes, timingSafeEqual } from "node:crypto";
/**
 * Whether two strings are the same, in a time that tells nothing about where they differ. Both are hashed first, so
 * that a difference in length shows no sooner than any other.
 */
export function timingSafeEqualStrings(a: string, b: string): boolean {
  return timingSafeEqual(sha256(a), sha256(b));
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text, "utf8").digest();
}

/** SHA-256 of `text` in UTF-8, as 43 characters of base64url. */
export function sha256Base64url(text: string): string {
  return hash("sha256", text, "base64url");
}

const ID_BYTES = 16;

/** A fresh identifier of 128 random bits, as 22 characters of base64url. */
export function randomId(): string {
  return randomBytes(ID_BYTES).toString("base64url");
}
