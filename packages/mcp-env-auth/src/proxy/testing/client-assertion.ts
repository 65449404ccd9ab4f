import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK, type JWTPayload, SignJWT } from "jose";
import { ASSERTION_TYPE } from "../../upstream/token-endpoint-auth.ts";

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
  return clientKeyOf(await exportJWK(publicKey), privateKey, alg, kid);
}

/** An RSA key whose public exponent has more than 32 bits, so that verifying with it takes longer. */
export async function createCostlyClientKey(kid = "key-1"): Promise<ClientKey> {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const { kty, n, p = "", q = "", qi } = await exportJWK(privateKey);
  const [first, second] = [numberOf(p) - 1n, numberOf(q) - 1n];
  let exponent = 2n ** 40n + 1n;
  let d = inverse(exponent, first * second);
  for (; d === undefined; d = inverse(exponent, first * second)) {
    exponent += 2n;
  }
  const publicJwk = { kty: kty as string, n: n as string, e: textOf(exponent) };
  const secret = { d: textOf(d), p, q, dp: textOf(d % first), dq: textOf(d % second), qi: qi as string };
  const key = await importJWK({ ...publicJwk, ...secret }, "RS256");
  return clientKeyOf(publicJwk, key as CryptoKey, "RS256", kid);
}

function clientKeyOf(publicKey: JWK, privateKey: CryptoKey, alg: string, kid: string): ClientKey {
  const publicJwk = { ...publicKey, kid, alg, use: "sig" };
  return {
    publicJwk,
    jwks: { keys: [publicJwk] },
    sign: (claims, header = {}) => new SignJWT(claims).setProtectedHeader({ alg, kid, ...header }).sign(privateKey),
  };
}

const numberOf = (text: string) => BigInt(`0x${Buffer.from(text, "base64url").toString("hex")}`);

function textOf(number: bigint): string {
  const hex = number.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex").toString("base64url");
}

/** The inverse of `value` by `modulus`, or `undefined` when there is none (the extended Euclidean algorithm). */
function inverse(value: bigint, modulus: bigint): bigint | undefined {
  let [rest, next] = [modulus, value % modulus];
  let [factor, nextFactor] = [0n, 1n];
  while (next !== 0n) {
    const quotient = rest / next;
    [rest, next] = [next, rest - quotient * next];
    [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
  }
  return rest === 1n ? (factor + modulus) % modulus : undefined;
}

/** The parameters that carry an assertion (RFC 7521 section 4.2). */
export function assertionParameters(assertion: string): Record<string, string> {
  return { client_assertion_type: ASSERTION_TYPE, client_assertion: assertion };
}
