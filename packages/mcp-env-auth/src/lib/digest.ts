import { hash } from "node:crypto";

/** SHA-256 of `text` in UTF-8, as 43 characters of base64url. */
export function sha256Base64url(text: string): string {
  return hash("sha256", text, "base64url");
}
