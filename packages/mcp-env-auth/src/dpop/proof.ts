import { calculateJwkThumbprint, decodeProtectedHeader, importJWK, type JWK, type JWTPayload, jwtVerify } from "jose";
import { OAuthError } from "../errors.ts";
import { CLOCK_TOLERANCE, type Clock, REPLICA_SKEW } from "../lib/clock.ts";
import { sha256Base64url } from "../lib/secrets.ts";
import { parseUrl } from "../lib/url.ts";
import { MAX_JTI_LENGTH } from "../upstream/jwt-header.ts";
import { isLargeRsaKey, MAX_RSA_BITS } from "../upstream/rsa-size.ts";
import { PROOF_ALGORITHMS } from "./proof-header.ts";
import { MAX_PROOF_AGE, type ProofReplays } from "./replays.ts";

const MAX_PROOF_LENGTH = 6144;

/** A proof that was signed for one request. It counts once, by {@link Proof.use}. */
export interface Proof {
  /** SHA-256 thumbprint of the client's key (RFC 7638, RFC 9449 section 6.1). */
  readonly jkt: string;
  /**
   * @param subject the user, or its hash, where that is known: each has a share of what is remembered.
   * @throws OAuthError if the proof was used before, or if that can't be checked now.
   */
  use(subject?: string): Promise<void>;
}

/** The request that a proof has to be for. */
export interface ProvenRequest {
  readonly method: string;
  /** The URL of the endpoint, in each spelling that it is served under. */
  readonly urls: readonly string[];
  /** The access token sent along; absent at the token endpoint. */
  readonly accessToken?: string;
}

/** @throws OAuthError `invalid_dpop_proof` */
export type ProofVerifier = (proof: string, request: ProvenRequest) => Promise<Proof>;

/**
 * Verifies DPoP proofs (RFC 9449 section 4.3). There are no nonces of ours (section 8): a proof is good once, from one
 * minute before its `iat` to two minutes after it. A nonce would achieve the same at the price of a request more.
 */
export function createProofVerifier(replays: ProofReplays, clock: Clock): ProofVerifier {
  return async (proof, request) => {
    const { alg, jwk } = readHeader(proof);
    const claims = await verifySignature(proof, alg, jwk, clock());
    const { jti, iat, htu } = requireClaims(claims, request, clock());
    const jkt = await calculateJwkThumbprint(jwk, "sha256");
    const id = sha256Base64url(`${jkt}\n${htu}\n${jti}`);
    const end = iat + MAX_PROOF_AGE + CLOCK_TOLERANCE + REPLICA_SKEW;
    return { jkt, use: (subject) => replays.claim(id, end - clock(), jkt, subject) };
  };
}

function readHeader(proof: string): { readonly alg: string; readonly jwk: JWK } {
  if (proof.length > MAX_PROOF_LENGTH) {
    throw refuse(`It is longer than ${MAX_PROOF_LENGTH} characters.`);
  }
  let header: ReturnType<typeof decodeProtectedHeader>;
  try {
    header = decodeProtectedHeader(proof);
  } catch {
    throw refuse("It is not a signed JWT.");
  }
  const { alg = "none", jwk, typ, crit } = header;
  if (typ !== "dpop+jwt") {
    throw refuse('Its typ must be "dpop+jwt".');
  }
  if (!PROOF_ALGORITHMS.includes(alg)) {
    throw refuse(`Its alg must be one of ${PROOF_ALGORITHMS.join(", ")}.`);
  }
  if (crit !== undefined) {
    throw refuse("It has a crit header, and none is understood here.");
  }
  return { alg, jwk: requirePublicKey(jwk) };
}

/** Of each kind of key, what may be there: no secret and no private part (RFC 7518 section 6, RFC 8037 section 2). */
const PUBLIC_MEMBERS: ReadonlyMap<unknown, readonly string[]> = new Map([
  ["EC", ["crv", "x", "y"]],
  ["OKP", ["crv", "x"]],
  ["RSA", ["e", "n"]],
]);
const PRIVATE_MEMBERS = ["d", "dp", "dq", "k", "oth", "p", "priv", "q", "qi"];

function requirePublicKey(jwk: unknown): JWK {
  if (typeof jwk !== "object" || jwk === null || Array.isArray(jwk)) {
    throw refuse("It has no jwk header.");
  }
  const key = jwk as Readonly<Record<string, unknown>>;
  if (PRIVATE_MEMBERS.some((name) => name in key)) {
    throw refuse("Its jwk holds a private or secret key. Send the public one, and make a new pair.");
  }
  const members = PUBLIC_MEMBERS.get(key.kty);
  if (members === undefined || members.some((name) => typeof key[name] !== "string")) {
    throw refuse("Its jwk must be a public key of kty EC, OKP or RSA.");
  }
  if (isLargeRsaKey(key)) {
    throw refuse(`Its RSA key is larger than ${MAX_RSA_BITS} bits.`);
  }
  // Nothing else of the header counts, such as another alg.
  return { kty: key.kty, ...Object.fromEntries(members.map((name) => [name, key[name]])) } as JWK;
}

async function verifySignature(proof: string, alg: string, jwk: JWK, now: number): Promise<JWTPayload> {
  try {
    const key = await importJWK(jwk, alg);
    const options = { algorithms: [alg], clockTolerance: CLOCK_TOLERANCE, currentDate: new Date(now * 1000) };
    return (await jwtVerify(proof, key, options)).payload;
  } catch {
    throw refuse("Its signature is not by the key in its header, or its time has passed.");
  }
}

function requireClaims(
  { ath, htm, htu, iat, jti }: JWTPayload,
  { method, urls, accessToken }: ProvenRequest,
  now: number,
): { readonly jti: string; readonly iat: number; readonly htu: string } {
  if (typeof jti !== "string" || jti === "" || jti.length > MAX_JTI_LENGTH) {
    throw refuse(`Its jti must be there, as text of at most ${MAX_JTI_LENGTH} characters.`);
  }
  if (htm !== method) {
    throw refuse("Its htm is not the method of the request.");
  }
  const target = typeof htu === "string" ? withoutQuery(htu) : undefined;
  if (target === undefined || !urls.some((url) => withoutQuery(url) === target)) {
    throw refuse(`Its htu is not the URL of the request, which is ${urls[0]}.`);
  }
  if (typeof iat !== "number" || iat > now + CLOCK_TOLERANCE || iat < now - MAX_PROOF_AGE - CLOCK_TOLERANCE) {
    throw refuse("Its iat is not now. Sign a proof for each request, and compare the clocks.");
  }
  if (accessToken !== undefined && ath !== sha256Base64url(accessToken)) {
    throw refuse("Its ath is not the hash of the access token.");
  }
  return { jti, iat, htu: target };
}

/** RFC 9449 section 4.3, item 9: query and fragment don't count, and spellings of the same URL are the same. */
function withoutQuery(url: string): string | undefined {
  const parsed = parseUrl(url);
  if (parsed === undefined) {
    return undefined;
  }
  const { protocol, host, pathname, username, password } = parsed;
  return username === "" && password === "" ? `${protocol}//${host}${pathname}` : undefined;
}

function refuse(reason: string): OAuthError {
  return new OAuthError("invalid_dpop_proof", `The DPoP proof can't be accepted. ${reason}`);
}
