import { createHash } from "node:crypto";

/** SHA-256 of `text` in UTF-8, as 43 characters of base64url. */
export function sha256Base64url(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("base64url");
}
