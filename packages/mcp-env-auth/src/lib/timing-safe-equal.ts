import { createHash, timingSafeEqual } from "node:crypto";

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
