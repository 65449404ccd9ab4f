import { compactVerify, decodeProtectedHeader, type JWTPayload } from "jose";
import { asymmetricAlgorithms } from "./jwt-algorithms.ts";
import { parseJsonObject } from "./provider-http.ts";
import { show } from "./provider-values.ts";
import { UpstreamError } from "./upstream-client.ts";
import { UpstreamTokenError } from "./upstream-token.ts";
import type { VerificationKeys } from "./verification-keys.ts";

export interface IdTokenSignatureOptions {
  /** `id_token_signing_alg_values_supported`; RS256 where it is empty. */
  readonly algorithms: readonly string[];
  /** The provider's published keys. */
  readonly keys: VerificationKeys;
  /** The key of HS256 and its like (OpenID Connect Core 1.0 section 10.1); absent for a public client. */
  readonly clientSecret: string | undefined;
  /** The variable that holds it, for messages. */
  readonly clientSecretVariable: string;
}

/** An id token whose signature is the provider's. */
export interface VerifiedIdToken {
  readonly claims: JWTPayload;
  /** How it is signed, which says how its `at_hash` is made. Absent: it came with another access token. */
  readonly alg?: string;
}

/**
 * Makes the check of id tokens' signatures (OpenID Connect Core 1.0 section 3.1.3.7, items 6 to 8). Their claims are
 * the OAuth library's to check, at the exchange.
 *
 * The check rejects with UpstreamTokenError, and with UpstreamError `unavailable` when the keys can't be had now.
 */
export function createIdTokenSignatureCheck(
  options: IdTokenSignatureOptions,
): (idToken: string) => Promise<VerifiedIdToken> {
  const listed = options.algorithms.length === 0 ? ["RS256"] : options.algorithms;
  const asymmetric = asymmetricAlgorithms(listed);

  async function candidates(alg: string, kid: string | undefined) {
    if (asymmetric.includes(alg)) {
      return options.keys.find({ alg, kid });
    }
    const shared = /^HS(?:256|384|512)$/.test(alg) && listed.includes(alg) ? options.clientSecret : undefined;
    return shared === undefined ? [] : [new TextEncoder().encode(shared)];
  }

  return async (idToken) => {
    const { alg, kid } = readIdTokenHeader(idToken);
    const keys = await candidates(alg, kid);
    if (keys.length === 0 && asymmetric.includes(alg)) {
      throw new UpstreamError(
        "unavailable",
        `The provider has no ${alg} key for its id token's kid, ${show(kid)}. It may not be published yet.`,
      );
    }
    for (const key of keys) {
      const verified = await compactVerify(idToken, key, { algorithms: [alg] }).catch(() => undefined);
      if (verified !== undefined) {
        return { alg, claims: readClaims(verified.payload) };
      }
    }
    const fault = alg.startsWith("HS")
      ? `and not with ${options.clientSecretVariable}: set that to the application's secret, or have the provider sign the application's id tokens with RS256`
      : `and a key that is not the provider's (kid ${show(kid)})`;
    throw new UpstreamTokenError("signature", `The provider's id token is signed with ${show(alg)} ${fault}.`);
  };
}

function readIdTokenHeader(idToken: string): { readonly alg: string; readonly kid: string | undefined } {
  try {
    const { alg, kid } = decodeProtectedHeader(idToken);
    if (typeof alg === "string") {
      return { alg, kid: typeof kid === "string" ? kid : undefined };
    }
  } catch {
    // Falls through: whatever is wrong with it, it can't be verified.
  }
  throw new UpstreamTokenError("malformed", "The provider's id token is not a signed JWT: its header can't be read.");
}

function readClaims(payload: Uint8Array): JWTPayload {
  const claims = parseJsonObject(new TextDecoder().decode(payload));
  if (claims !== undefined) {
    return claims;
  }
  throw new UpstreamTokenError("malformed", "The claims of the provider's id token are not a JSON object.");
}
