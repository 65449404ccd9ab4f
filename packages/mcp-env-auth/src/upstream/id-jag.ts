import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from "jose";
import { OPENID_METADATA } from "../endpoint.ts";
import { ConfigError } from "../errors.ts";
import { CLOCK_TOLERANCE, type Clock } from "../lib/clock.ts";
import type { Logger } from "../logger.ts";
import { discoverMetadata } from "./discovery.ts";
import { createRemoteKeys } from "./jwks.ts";
import { ASYMMETRIC_ALGORITHMS } from "./jwt-algorithms.ts";
import { MAX_JTI_LENGTH } from "./jwt-header.ts";
import { COOLDOWN } from "./provider-http.ts";
import { identifier, show } from "./provider-values.ts";
import { UpstreamError } from "./upstream-client.ts";
import { UpstreamTokenError } from "./upstream-token.ts";
import type { VerificationKeys } from "./verification-keys.ts";

/** `typ` of an Identity Assertion JWT Authorization Grant, without `application/`. */
const TYPE = "oauth-id-jag+jwt";

/** Characters, and seconds: an assertion is for the next request. */
const MAX_LENGTH = 16 * 1024;
const MAX_LIFETIME = 3600;

/** What a verified assertion says. */
export interface IdJag {
  readonly issuer: string;
  readonly subject: string;
  /** The client that it was issued to: its id at our authorization server. */
  readonly clientId: string;
  readonly audiences: readonly string[];
  readonly resource: string;
  readonly jti: string;
  /** Seconds since the Unix epoch. */
  readonly expiresAt: number;
  /** What the issuer grants; `undefined`: it does not say. */
  readonly scopes: readonly string[] | undefined;
  readonly claims: Readonly<Record<string, unknown>>;
}

/**
 * Verifies assertions of the trusted issuers as they were at a moment: now, for one that came with a request, or
 * earlier, for one that a token was issued for.
 *
 * Rejects with {@link UpstreamTokenError} when it is not good, and with `UpstreamError` of kind `unavailable` when that
 * can't be decided now. Messages never hold the assertion.
 */
export type IdJagVerifier = (assertion: string, at: number) => Promise<IdJag>;

export interface IdJagVerifierOptions {
  /** Issuer identifiers, spelled exactly. Their metadata is at OpenID Connect's address below them. */
  readonly issuers: readonly string[];
  /** The variable that names them, for messages. */
  readonly variable: string;
  /** Seconds for each request. Default 10. */
  readonly timeout?: number | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Whether `token` calls itself an Identity Assertion JWT Authorization Grant. */
export function isIdJag(token: string): boolean {
  try {
    return typeOf(decodeProtectedHeader(token).typ) === TYPE;
  } catch {
    return false;
  }
}

/**
 * Makes the verifier of Identity Assertion JWT Authorization Grants (draft-ietf-oauth-identity-assertion-authz-grant,
 * MCP's enterprise-managed authorization, section 5.1): type, algorithm, signature by a trusted issuer's key, times,
 * and that every claim is there. Issuers are asked for their keys when they are first needed.
 */
export function createIdJagVerifier(options: IdJagVerifierOptions): IdJagVerifier {
  const keys = new Map(options.issuers.map((issuer) => [issuer, createIssuerKeys(issuer, options)]));

  return async (assertion, at) => {
    const { alg, kid, issuer } = readUnverified(assertion);
    const issuerKeys = keys.get(issuer);
    if (issuerKeys === undefined) {
      throw new UpstreamTokenError("issuer", "The assertion is of an issuer that this server does not trust.");
    }
    const candidates = await (await issuerKeys()).find({ alg, kid });
    for (const key of candidates) {
      try {
        const { payload } = await jwtVerify(assertion, key, {
          algorithms: [alg],
          issuer,
          clockTolerance: CLOCK_TOLERANCE,
          currentDate: new Date(at * 1000),
        });
        return readClaims(payload, at);
      } catch (error) {
        if (error instanceof errors.JWTExpired) {
          throw new UpstreamTokenError("expired", "The assertion has expired.");
        }
        if (error instanceof errors.JWTClaimValidationFailed || error instanceof UpstreamTokenError) {
          throw error instanceof UpstreamTokenError ? error : claims(`its ${show(error.claim)} is not valid`);
        }
      }
    }
    throw new UpstreamTokenError("signature", "The assertion's signature is not by a key of its issuer.");
  };
}

function readUnverified(assertion: string) {
  if (assertion.length > MAX_LENGTH) {
    throw new UpstreamTokenError("malformed", `The assertion is longer than ${MAX_LENGTH} characters.`);
  }
  try {
    const { alg, kid, typ, crit } = decodeProtectedHeader(assertion);
    const { iss } = decodeJwt(assertion);
    if (typeOf(typ) !== TYPE) {
      throw new UpstreamTokenError("type", `The assertion is of type ${show(typ)}; it must be ${TYPE}.`);
    }
    if (typeof alg !== "string" || !ASYMMETRIC_ALGORITHMS.includes(alg) || crit !== undefined) {
      throw new UpstreamTokenError("algorithm", "The assertion's signature is of a kind that is not accepted.");
    }
    return { alg, kid: typeof kid === "string" ? kid : undefined, issuer: typeof iss === "string" ? iss : "" };
  } catch (error) {
    throw error instanceof UpstreamTokenError
      ? error
      : new UpstreamTokenError("malformed", "The assertion is not a signed JWT.");
  }
}

function readClaims(payload: JWTPayload, at: number): IdJag {
  const { iss, sub, aud, exp, iat, jti, client_id: clientId, resource, scope } = payload;
  if (typeof iss !== "string" || typeof sub !== "string" || identifier(sub) === undefined) {
    throw claims("it has no sub");
  }
  if (typeof exp !== "number" || typeof iat !== "number") {
    throw claims("it has no exp and iat");
  }
  if (iat > at + CLOCK_TOLERANCE || exp - iat > MAX_LIFETIME) {
    throw claims(`its iat is in the future, or its exp more than ${MAX_LIFETIME} seconds later`);
  }
  if (typeof jti !== "string" || jti === "" || jti.length > MAX_JTI_LENGTH) {
    throw claims("it has no jti");
  }
  if (typeof clientId !== "string" || clientId === "") {
    throw claims("it has no client_id");
  }
  if (typeof resource !== "string" || resource === "") {
    throw claims("it names no resource, or several");
  }
  if (scope !== undefined && typeof scope !== "string") {
    throw claims("its scope is no string");
  }
  return {
    issuer: iss,
    subject: sub,
    clientId,
    audiences: [aud ?? []].flat(),
    resource,
    jti,
    expiresAt: exp,
    scopes: scope?.split(" ").filter((name) => name !== ""),
    claims: payload,
  };
}

function claims(fault: string): UpstreamTokenError {
  return new UpstreamTokenError("claims", `The assertion can't be used: ${fault}.`);
}

function typeOf(typ: unknown): string | undefined {
  return typeof typ === "string" ? typ.toLowerCase().replace(/^application\//, "") : undefined;
}

/** The keys of an issuer, found by its metadata when first asked for. */
function createIssuerKeys(issuer: string, options: IdJagVerifierOptions): () => Promise<VerificationKeys> {
  const { clock, logger, timeout, variable } = options;
  let known: VerificationKeys | undefined;
  let asking: Promise<VerificationKeys> | undefined;
  let failedAt = Number.NEGATIVE_INFINITY;

  async function ask(): Promise<VerificationKeys> {
    try {
      const configUrl = new URL(`${issuer.replace(/\/$/, "")}${OPENID_METADATA}`);
      const { jwksUri, issuer: named } = await discoverMetadata({
        configUrl,
        variable,
        ...(timeout !== undefined && { timeout }),
      });
      if (named !== issuer || jwksUri === undefined) {
        throw new ConfigError([{ variable, message: `${issuer} calls itself ${named}; write it so.` }]);
      }
      known = createRemoteKeys({ jwksUri, clock, logger, timeout });
      return known;
    } catch (error) {
      failedAt = clock();
      const reason = error instanceof Error ? error.message : "";
      logger.error({ event: "assertion-issuer-unknown", issuer }, `The keys of ${issuer} can't be found. ${reason}`);
      throw unreachable();
    }
  }

  return async () => {
    if (known !== undefined) {
      return known;
    }
    if (asking === undefined && clock() - failedAt < COOLDOWN) {
      throw unreachable();
    }
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  };
}

function unreachable(): UpstreamError {
  return new UpstreamError("unavailable", "The keys of the assertion's issuer can't be fetched right now.");
}
