import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";
import { ASSERTION_TYPE } from "../clients/client-assertion.ts";

/** The key pair of a client that authenticates by `private_key_jwt`. */
export interface ClientKey {
  readonly publicJwk: JWK;
  /** A key set that holds it. */
  readonly jwks: { readonly keys: readonly JWK[] };
  /** An assertion; `undefined` takes a claim away. */
  sign(claims: JWTPayload, header?: Readonly<Record<string, unknown>>): Promise<string>;
}

export async function createClientKey(alg = "ES256", kid = "key-1"): Promise<ClientKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const publicJwk = { ...(await exportJWK(publicKey)), kid, alg, use: "sig" };
  return {
    publicJwk,
    jwks: { keys: [publicJwk] },
    sign: (claims, header = {}) => new SignJWT(claims).setProtectedHeader({ alg, kid, ...header }).sign(privateKey),
  };
}

/** The parameters that carry an assertion (RFC 7521 section 4.2). */
export function assertionParameters(assertion: string): Record<string, string> {
  return { client_assertion_type: ASSERTION_TYPE, client_assertion: assertion };
}
