import { createECDH, createPrivateKey, type KeyObject } from "node:crypto";
import { sha256Base64url } from "../lib/secrets.ts";

/** The order of the group of P-256 (NIST SP 800-186, section 3.2.1.3). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const COORDINATE_BYTES = 32;

/** A public key for ES256, as a key set has it (RFC 7517 section 4, RFC 7518 section 6.2.1). */
export interface PublicIdentityKey {
  readonly kty: "EC";
  readonly crv: "P-256";
  readonly x: string;
  readonly y: string;
  readonly kid: string;
  readonly alg: "ES256";
  readonly use: "sig";
}

export interface IdentityKey {
  readonly privateKey: KeyObject;
  readonly publicKey: PublicIdentityKey;
}

/**
 * The key that a secret stands for: the same in every process that has the secret.
 *
 * @param secret 64 random bytes. So many, so that their remainder is as good as random (FIPS 186-5, appendix A.2.1).
 */
export function deriveIdentityKey(secret: Uint8Array): IdentityKey {
  const scalar = (BigInt(`0x${Buffer.from(secret).toString("hex")}`) % (ORDER - 1n)) + 1n;
  const d = Buffer.from(scalar.toString(16).padStart(2 * COORDINATE_BYTES, "0"), "hex");
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(d);
  // An uncompressed point: one byte, then both coordinates (SEC 1, section 2.3.3).
  const point = ecdh.getPublicKey();
  const x = point.subarray(1, 1 + COORDINATE_BYTES).toString("base64url");
  const y = point.subarray(1 + COORDINATE_BYTES).toString("base64url");
  const members = { kty: "EC", crv: "P-256", x, y } as const;
  // RFC 7638: the required members in order.
  const kid = sha256Base64url(JSON.stringify({ crv: members.crv, kty: members.kty, x, y }));
  return {
    privateKey: createPrivateKey({ format: "jwk", key: { ...members, d: d.toString("base64url") } }),
    publicKey: { ...members, kid, alg: "ES256", use: "sig" },
  };
}
