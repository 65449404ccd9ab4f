import { CompactSign, UnsecuredJWT } from "jose";
import type { SigningKeys } from "./keys.ts";

/** How a token differs from a good one. */
export interface JwtOptions {
  /** Added to the claims; `undefined` takes one away. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Added to the protected header; `undefined` takes a member away. */
  readonly header?: Readonly<Record<string, unknown>>;
  /** `HS256` signs with the published public key (PEM) as the secret: the classic confusion. Default `RS256`. */
  readonly algorithm?: "RS256" | "HS256" | "none";
  /** `unpublished`: a key that is not in the JWKS. Default `published`. */
  readonly key?: "published" | "unpublished";
}

/** A compact JWT of `claims`, without those that are `undefined`. */
export async function signJwt(
  keys: SigningKeys,
  claims: Readonly<Record<string, unknown>>,
  { header, algorithm = "RS256", key: which = "published" }: Omit<JwtOptions, "claims">,
): Promise<string> {
  if (algorithm === "none") {
    return new UnsecuredJWT(claims).encode();
  }
  const key = which === "unpublished" ? await keys.unpublished() : keys.current;
  const secret = algorithm === "HS256" ? new TextEncoder().encode(key.pem) : key.privateKey;
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader(withoutUndefined({ alg: algorithm, typ: "JWT", kid: key.kid, ...header }))
    .sign(secret);
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}
