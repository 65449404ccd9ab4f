import { createRemoteJWKSet, jwtVerify } from "jose";

const { ISSUER = "", AUDIENCE = "", JWKS_URI = "" } = process.env;

const keys = createRemoteJWKSet(new URL(JWKS_URI));

/**
 * What everybody writes who checks JWTs by hand: the signature by the issuer's published keys, issuer, audience,
 * expiry.
 *
 * @param {string} token
 */
export async function verifyJwt(token) {
  const { payload } = await jwtVerify(token, keys, { issuer: ISSUER, audience: AUDIENCE, algorithms: ["RS256"] });
  const { sub = "", scope = "", exp = 0 } = /** @type {{ sub?: string, scope?: string, exp?: number }} */ (payload);
  return { subject: sub, scopes: scope.split(" "), expiresAt: exp };
}
