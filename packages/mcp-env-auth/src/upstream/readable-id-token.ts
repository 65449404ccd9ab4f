import { decodeJwt } from "jose";
import { identifier } from "./provider-values.ts";

/** In the place of a `sub` that identifies nobody: the library only asks that it is a text. */
const NOBODY = "-";

/**
 * An id token as the OAuth library can read it, which refuses one whose `sub` isn't a text. Some providers state a
 * number. The library validates its other claims (OpenID Connect Core 1.0 section 3.1.3.7), and never its signature:
 * that, and whom it names, is judged by the token as it came.
 */
export function readableIdToken(idToken: string): string {
  const [header, payload, signature] = idToken.split(".");
  try {
    const claims = decodeJwt(idToken);
    if (payload === undefined || typeof claims.sub === "string") {
      return idToken;
    }
    const readable = { ...claims, sub: identifier(claims.sub) ?? NOBODY };
    return [header, Buffer.from(JSON.stringify(readable)).toString("base64url"), signature].join(".");
  } catch {
    return idToken;
  }
}
