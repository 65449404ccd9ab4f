import { calculateJwkThumbprint, importJWK, type JWK, type JWTPayload, SignJWT } from "jose";

/** Private keys of the recording. They were generated for it and protect nothing. */
export interface TestKeys {
  /** Signs the provider's tokens at issuers that use RS256. */
  readonly providerRsa: JWK;
  /** Signs the provider's tokens at issuers that use ES256. */
  readonly providerEc: JWK;
  /** Signs the enterprise's assertions (ID-JAG). */
  readonly enterprise: JWK;
  /** Signs the client's DPoP proofs. */
  readonly dpop: JWK;
  /** Signs the assertions of the client that authenticates with `private_key_jwt`. */
  readonly client: JWK;
}

/** The key as it is published. */
export function publicPart(key: JWK): JWK {
  const { d, p, q, dp, dq, qi, ...published } = key;
  return published;
}

/** Signs `claims` with `key`, under the `alg` and `kid` in it. */
export async function signJwt(key: JWK, claims: JWTPayload, header: Record<string, unknown> = {}): Promise<string> {
  const { alg = "", kid } = key;
  return new SignJWT(claims)
    .setProtectedHeader({ alg, ...(kid !== undefined && { kid }), typ: "JWT", ...header })
    .sign(await importJWK(key, alg));
}

/** Signs a DPoP proof (RFC 9449 section 4.2). */
export async function signProof(key: JWK, claims: JWTPayload): Promise<string> {
  const { kty, crv, x, y } = key;
  const { kid, ...unnamed } = key;
  const jwk = { kty, crv, x, y };
  return signJwt(unnamed, { jti: crypto.randomUUID(), ...claims }, { typ: "dpop+jwt", jwk });
}

export function thumbprint(key: JWK): Promise<string> {
  return calculateJwkThumbprint(publicPart(key));
}
