// A file of its own: a lazy seam. Declarations of providers load before the server listens, jose after.
import type { JwtVerifierOptions } from "../../upstream/jwt-verifier.ts";
import type { UpstreamTokenVerifier } from "../../upstream/upstream-token.ts";
import type { AuthProviderContext } from "../auth-provider.ts";

export interface IssuedJwtOptions extends Omit<JwtVerifierOptions, "keys" | "clock"> {
  /** Where the issuer publishes its keys. */
  readonly jwksUri: string;
}

/** The verifier of JWTs by the keys that their issuer publishes. */
export async function verifyIssuedJwts(
  { jwksUri, ...rules }: IssuedJwtOptions,
  { clock, logger }: AuthProviderContext,
): Promise<UpstreamTokenVerifier> {
  const { createJwtVerifier, createRemoteKeys } = await import("../../upstream/jwts.ts");
  return createJwtVerifier({ ...rules, keys: createRemoteKeys({ jwksUri, clock, logger }), clock });
}
