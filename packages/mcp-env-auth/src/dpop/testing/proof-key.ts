import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { sha256Base64url } from "../../lib/secrets.ts";

export interface ProofChanges {
  readonly header?: Readonly<Record<string, unknown>>;
  /** `undefined` takes a claim away. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly accessToken?: string;
  /** Seconds since the Unix epoch. */
  readonly iat?: number;
}

/** A client's key, and the proofs that it signs. */
export interface ProofKey {
  readonly jkt: string;
  sign(method: string, url: string, changes?: ProofChanges): Promise<string>;
}

export async function createProofKey(alg = "ES256"): Promise<ProofKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return {
    jkt: await calculateJwkThumbprint(jwk),
    sign(method, url, { header, claims, accessToken, iat = Math.floor(Date.now() / 1000) } = {}) {
      const payload = {
        jti: crypto.randomUUID(),
        htm: method,
        htu: url,
        iat,
        ...(accessToken !== undefined && { ath: sha256Base64url(accessToken) }),
        ...claims,
      } as JWTPayload;
      return new SignJWT(payload).setProtectedHeader({ typ: "dpop+jwt", alg, jwk, ...header }).sign(privateKey);
    },
  };
}
