import { createPublicKey } from "node:crypto";
import type { CryptoKey, KeyObject } from "jose";
import { ConfigError } from "../errors.ts";

/** The members of a JWS header that pick a key (RFC 7515 section 4.1). */
export interface KeyQuery {
  readonly alg: string;
  readonly kid: string | undefined;
}

/** Keys that can verify a signature. */
export interface VerificationKeys {
  /** `public`: only asymmetric algorithms go with them. `secret`: only HMAC. */
  readonly kind: "public" | "secret";
  /**
   * The keys that fit; none when it is certain that there are none.
   *
   * @throws UpstreamError `unavailable` when that can't be known now.
   */
  find(query: KeyQuery): Promise<readonly (CryptoKey | KeyObject | Uint8Array)[]>;
  /**
   * When the published keys that are known were asked for, seconds since the Unix epoch; absent where they are
   * configured.
   */
  fetchedAt?(): number;
}

/**
 * One public key in PEM form: SPKI, PKCS#1, or an X.509 certificate. `\n` may stand for line ends, as values of
 * environment variables often have it.
 *
 * @throws ConfigError when it is none, or a private key.
 */
export function publicKey(pem: string, variable: string): VerificationKeys {
  const text = pem.replaceAll("\\n", "\n");
  if (text.includes("PRIVATE KEY")) {
    throw new ConfigError([{ variable, message: "This is a private key. Set the public one, and replace the pair." }]);
  }
  let key: KeyObject;
  try {
    key = createPublicKey(text);
  } catch (error) {
    throw new ConfigError(
      [{ variable, message: "Not a public key in PEM form: it starts with -----BEGIN PUBLIC KEY-----." }],
      { cause: error },
    );
  }
  return { kind: "public", find: async () => [key] };
}

/**
 * A secret shared with the issuer, for HMAC.
 *
 * @throws ConfigError when it is a PEM: what is public must not verify an HMAC.
 */
export function sharedSecret(secret: string, variable: string): VerificationKeys {
  if (secret.includes("-----BEGIN")) {
    throw new ConfigError([
      { variable, message: "A key in PEM form can't be the secret of an HS algorithm: set an RS, PS or ES algorithm." },
    ]);
  }
  const key = new TextEncoder().encode(secret);
  return { kind: "secret", find: async () => [key] };
}
