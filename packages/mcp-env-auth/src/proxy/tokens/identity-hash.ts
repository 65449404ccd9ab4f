import { sha256Base64url } from "../../lib/digest.ts";

/**
 * What tokens, denials and log lines name a client or a user by: SHA-256 of its id, cut to 128 bits, as 22 characters
 * of base64url. Whole hashes would make every access token a tenth longer and nothing safer.
 */
export function identityHash(id: string): string {
  return sha256Base64url(id).slice(0, 22);
}
