import { decodeJwt } from "jose";
import { timingSafeEqualStrings } from "../lib/secrets.ts";
import { UpstreamError } from "./upstream-client.ts";

/**
 * Refuses an id token that answers another login than the one with `nonce` (OpenID Connect Core 1.0 section 3.1.3.7,
 * item 11), where no other claim of it is read. It comes from the token endpoint itself, so its signature proves
 * nothing more (item 6). Providers that are none of OpenID Connect may repeat no nonce, or send what is no JWT.
 *
 * @throws UpstreamError `rejected`
 */
export function refuseForeignNonce(idToken: unknown, nonce: string): void {
  const found = nonceIn(idToken);
  if (found !== undefined && !(typeof found === "string" && timingSafeEqualStrings(found, nonce))) {
    const description = 'unexpected "nonce" in the id token';
    throw new UpstreamError("rejected", `The identity provider's answer is for another login: ${description}.`, {
      about: "id-token",
      description,
    });
  }
}

function nonceIn(idToken: unknown): unknown {
  if (typeof idToken !== "string") {
    return undefined;
  }
  try {
    return decodeJwt(idToken).nonce ?? undefined;
  } catch {
    return undefined;
  }
}
