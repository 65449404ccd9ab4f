import { decodeJwt, type JWTPayload, type JWTVerifyOptions, jwtVerify } from "jose";
import { CLOCK_TOLERANCE, type Clock } from "../lib/clock.ts";
import { isOtherToken, toVerifiedToken } from "./access-token-claims.ts";
import { checkAlgorithms } from "./jwt-algorithms.ts";
import {
  audienceError,
  type ExpectedClaims,
  expiredError,
  issuerError,
  timeError,
  toTokenError,
} from "./jwt-faults.ts";
import { readHeader, type TokenHeader } from "./jwt-header.ts";
import { show } from "./provider-values.ts";
import type { SubjectRules } from "./subject-rules.ts";
import { UpstreamError } from "./upstream-client.ts";
import { UpstreamTokenError, type UpstreamTokenVerifier } from "./upstream-token.ts";
import type { VerificationKeys } from "./verification-keys.ts";

export interface JwtVerifierOptions extends ExpectedClaims {
  /** `iss` is exactly one of these. `undefined` only with a key that no other issuer has. */
  readonly issuer: string | readonly string[] | undefined;
  /** Whether these are names of one issuer, whose users are the same under each. Default false. */
  readonly oneIssuer?: boolean | undefined;
  /** `aud` holds one of these. `undefined` accepts the tokens of every API of the issuer. */
  readonly audience: string | readonly string[] | undefined;
  /** Allowed values of `alg`; see `asymmetricAlgorithms`. */
  readonly algorithms: readonly string[];
  readonly keys: VerificationKeys;
  /** Our client at the provider, by which its id tokens are told apart. */
  readonly clientId?: string | undefined;
  /** The claims that list scopes. Default `scope`, `scp` and `permissions`. */
  readonly scopeClaims?: readonly string[] | undefined;
  /** How the tokens name their users. */
  readonly subject?: Omit<SubjectRules, "issuer"> | undefined;
  /** Scopes that count as carried by every token: those that the issuer grants and never writes down. */
  readonly impliedScopes?: readonly string[] | undefined;
  /** What one provider's tokens are held to beyond that. @throws UpstreamTokenError */
  readonly check?: ((claims: JWTPayload) => void) | undefined;
  readonly clock: Clock;
}

interface ReadToken {
  readonly header: TokenHeader;
  readonly unverified: JWTPayload;
}

/**
 * Verifies access tokens that are signed JWTs (RFC 7519, RFC 9068, RFC 8725): algorithm, signature, issuer, audience,
 * `exp` (which must be there), `nbf` and `iat` with 60 s of skew, and that it is no id or refresh token.
 *
 * @throws ConfigError when the algorithms do not go with the keys.
 */
export function createJwtVerifier(options: JwtVerifierOptions): UpstreamTokenVerifier {
  const { algorithms, audience, clock, issuer, keys } = options;
  checkAlgorithms(algorithms, keys.kind);
  const checks: JWTVerifyOptions = {
    algorithms: [...algorithms],
    clockTolerance: CLOCK_TOLERANCE,
    requiredClaims: ["exp"],
    ...(issuer !== undefined && { issuer: [issuer].flat() }),
    ...(audience !== undefined && { audience: [audience].flat() }),
  };

  const subject: SubjectRules = {
    ...options.subject,
    issuer: options.oneIssuer ? undefined : issuer,
    anyIssuer: issuer === undefined,
  };

  /**
   * No verdict while the keys are older than the token: its key may have been published since. A token without `iat`
   * may be as young as its arrival.
   */
  function unknownKey({ alg, kid }: TokenHeader, iat: number | undefined, now: number, isNew: boolean): Error {
    const message = `The provider has no ${alg} key for the token's kid, ${show(kid)}.`;
    const mayBeYounger = (keys.fetchedAt?.() ?? now) < (iat ?? now);
    return isNew || mayBeYounger
      ? new UpstreamError("unavailable", `${message} It may not be published yet.`)
      : new UpstreamTokenError("unknown_key", message);
  }

  async function verifySignature(
    token: string,
    { header, unverified }: ReadToken,
    now: number,
    isNew: boolean,
  ): Promise<JWTPayload> {
    const candidates = await keys.find(header);
    if (candidates.length === 0) {
      throw unknownKey(header, unverified.iat, now, isNew);
    }
    for (const key of candidates) {
      try {
        return (await jwtVerify(token, key, { ...checks, currentDate: new Date(now * 1000) })).payload;
      } catch (error) {
        const fault = toTokenError(error, options);
        if (fault !== undefined) {
          throw fault;
        }
      }
    }
    throw new UpstreamTokenError("signature", "The token's signature is not the provider's.");
  }

  return {
    rules: { ...options, subject },
    async verify(token, login) {
      const header = readHeader(token, options);
      const now = clock();
      const unverified = readUnverifiedClaims(token, header, options, login !== undefined);
      const isNew = login?.isNew ?? false;
      if (!isNew) {
        requireCurrent(unverified, now);
      }
      const claims = await verifySignature(token, { header, unverified }, now, isNew);
      requireCurrent(claims, now);
      options.check?.(claims);
      const verified = toVerifiedToken(claims, { scopeClaims: options.scopeClaims, subject }, login);
      return { ...verified, scopes: [...new Set([...verified.scopes, ...(options.impliedScopes ?? [])])] };
    },
  };
}

/**
 * Refuses what the checks after this would refuse too, for the reason that tells more: another issuer's keys are
 * unknown here, and an id token is for another audience. So no such token makes us fetch keys. Nothing is accepted by
 * what is not verified yet.
 */
function readUnverifiedClaims(
  token: string,
  header: TokenHeader,
  options: JwtVerifierOptions,
  isFetched: boolean,
): JWTPayload {
  let claims: JWTPayload;
  try {
    claims = decodeJwt(token);
  } catch {
    throw new UpstreamTokenError("malformed", "The token is not a JWT: its claims can't be read.");
  }
  if (options.issuer !== undefined && ![options.issuer].flat().includes(claims.iss ?? "")) {
    throw issuerError(claims, options);
  }
  if (isOtherToken(header.type, claims, options.clientId, isFetched)) {
    throw new UpstreamTokenError("type", "The token is an id token or a refresh token, not an access token.");
  }
  const { audience } = options;
  if (audience !== undefined && ![claims.aud].flat().some((found) => [audience].flat().includes(found ?? ""))) {
    throw audienceError(claims, options);
  }
  return claims;
}

/** Checks the times of a token. Nobody can make the server fetch keys by one that is over, or from the future. */
function requireCurrent({ exp, iat }: Readonly<Record<string, unknown>>, now: number): void {
  if (iat !== undefined && typeof iat !== "number") {
    throw timeError("iat");
  }
  if (typeof iat === "number" && iat > now + CLOCK_TOLERANCE) {
    throw new UpstreamTokenError("not_yet_valid", "The token was issued in the future: compare the clocks.");
  }
  if (typeof exp === "number" && exp <= now - CLOCK_TOLERANCE) {
    throw expiredError();
  }
}
