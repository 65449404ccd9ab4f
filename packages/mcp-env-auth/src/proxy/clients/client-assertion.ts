import { decodeProtectedHeader, type JWTPayload, jwtVerify, type ProtectedHeaderParameters } from "jose";
import { OAuthError, TOO_MANY_REQUESTS } from "../../errors.ts";
import { networkOf } from "../../lib/client-network.ts";
import { CLOCK_TOLERANCE, type Clock, REPLICA_SKEW } from "../../lib/clock.ts";
import { sha256Base64url } from "../../lib/secrets.ts";
import { createShares } from "../../lib/shares.ts";
import type { Logger } from "../../logger.ts";
import type { GuardStore } from "../../store/guard-store.ts";
import { ASYMMETRIC_ALGORITHMS } from "../../upstream/jwt-algorithms.ts";
import { MAX_JTI_LENGTH } from "../../upstream/jwt-header.ts";
import type { KeyQuery } from "../../upstream/verification-keys.ts";
import type { ClientKeys } from "../tokens/sealed-tokens.ts";
import type { Client } from "./client.ts";
import { MAX_CANDIDATES, readKeySet, selectClientKeys } from "./client-keys.ts";
import { createCachedDocuments } from "./documents/cached-documents.ts";
import { unavailableDocument } from "./documents/document-refusals.ts";
import { adviceOnHost, isAllowedHost } from "./documents/document-url.ts";
import type { LimitedFetch } from "./documents/fetch-limits.ts";
import { DocumentError, TooManyFetches } from "./documents/guarded-fetch.ts";

const MAX_ASSERTION_LENGTH = 8192;
const MAX_KEY_SET_BYTES = 32 * 1024;
const KEY_SET_CAPACITY = 1000;

/** Seconds: the longest life of an assertion. */
const MAX_LIFETIME = 300;

/** Seconds for which an assertion is remembered at most. */
const MAX_ASSERTION_TTL = MAX_LIFETIME + 2 * CLOCK_TOLERANCE + REPLICA_SKEW;

/** How many assertions one client may have remembered: a tenth of what a guard store in memory keeps. */
const SHARE = 10_000;

/** What `typ` may be, without `application/`. Other tokens of a client are not assertions. */
const TYPES: readonly string[] = ["jwt", "client-authentication+jwt"];

export interface AssertionVerifierOptions {
  readonly fetch: LimitedFetch;
  /** Hosts that key sets are fetched from; without a list any public one. */
  readonly hosts: readonly string[] | undefined;
  /** What sets that list. */
  readonly variable: string;
  readonly store: GuardStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * An assertion that is the client's own. It counts once, by this.
 *
 * @throws OAuthError `invalid_client` when it was used before; `temporarily_unavailable` when that can't be told, and
 * with status 429 when the client has used too many.
 */
export type UseAssertion = () => Promise<void>;

/**
 * Verifies that `assertion` is the client's own and for one of `audiences`. What it gives uses the assertion up, which
 * is for when all else about the request is right that can be checked before.
 *
 * @param from the address that it came from: how many key sets are fetched for one is limited.
 * @throws OAuthError `invalid_client`; `temporarily_unavailable` when the client's keys can't be fetched now.
 */
export type AssertionVerifier = (
  client: Client,
  assertion: string,
  audiences: readonly string[],
  from: string,
) => Promise<UseAssertion>;

/**
 * Verifies client assertions (`private_key_jwt`: RFC 7523 section 3, OpenID Connect Core section 9). A key id that is
 * not in a fetched key set fetches it once more: keys rotate.
 */
export function createAssertionVerifier(options: AssertionVerifierOptions): AssertionVerifier {
  const { hosts, variable, store, clock } = options;
  const shares = createShares({ limit: SHARE, seconds: MAX_ASSERTION_TTL, clock });
  const keySets = createCachedDocuments({
    fetch: options.fetch,
    maxBytes: MAX_KEY_SET_BYTES,
    capacity: KEY_SET_CAPACITY,
    clock,
    read: readKeySet,
  });

  function requireShare(owners: readonly string[]): void {
    if (owners.some(shares.isUsedUp)) {
      const description = "This client, or its address, has used too many assertions. Try again later.";
      throw new OAuthError("temporarily_unavailable", description, {
        status: TOO_MANY_REQUESTS,
        retryAfter: MAX_ASSERTION_TTL / 10,
      });
    }
  }

  async function findKeys({ jwks, jwksUri = "" }: ClientKeys, query: KeyQuery, from: string) {
    if (jwks !== undefined) {
      return selectClientKeys(jwks, query);
    }
    if (!isAllowedHost(jwksUri, hosts)) {
      throw refuse(
        `The host of its jwks_uri is not one that this server fetches from. ${adviceOnHost(jwksUri, variable)}`,
      );
    }
    const known = await selectClientKeys(await keySets.get(jwksUri, from), query);
    return known.length > 0 ? known : selectClientKeys(await keySets.refresh(jwksUri, from), query);
  }

  async function verifySignature(
    keys: ClientKeys,
    assertion: string,
    query: KeyQuery,
    from: string,
  ): Promise<JWTPayload> {
    const candidates = await findKeys(keys, query, from).catch((error: unknown) => {
      throw toClientError(error, keys, options);
    });
    for (const key of candidates) {
      const verified = await jwtVerify(assertion, key, {
        algorithms: [query.alg],
        clockTolerance: CLOCK_TOLERANCE,
        currentDate: new Date(clock() * 1000),
      }).catch((error: unknown) => {
        if (isAboutClaims(error)) {
          throw refuse("It has expired, is not valid yet, or has a claim of the wrong type. Compare the clocks.");
        }
      });
      if (verified !== undefined) {
        return verified.payload;
      }
    }
    const advice =
      candidates.length < MAX_CANDIDATES ? "" : ` Name its key by kid: only ${MAX_CANDIDATES} keys are tried.`;
    throw refuse(`Its signature is not by one of the client's keys.${advice}`);
  }

  return async (client, assertion, audiences, from) => {
    const { keys } = client;
    if (keys === undefined) {
      throw refuse("The client has published no keys.");
    }
    const header = readHeader(assertion, keys);
    const claims = await verifySignature(keys, assertion, header, from);
    const { jti, exp } = requireClaims(claims, client, audiences, clock());
    const id = sha256Base64url(`${client.hash}\n${jti}`);
    // Anybody can register any number of clients.
    const owners = [client.hash, `from ${networkOf(from)}`];
    return async () => {
      requireShare(owners);
      if (!(await store.claim("assertion", id, exp + CLOCK_TOLERANCE + REPLICA_SKEW - clock()))) {
        throw refuse("It was used before: sign a new one, with a new jti, for each request.");
      }
      owners.forEach(shares.take);
    };
  };
}

/**
 * The `sub` of an assertion that is not verified yet: the client to look for where `client_id` is left out (RFC 7521
 * section 4.2).
 */
export function claimedClientId(assertion: string): string | undefined {
  try {
    const { sub } = JSON.parse(Buffer.from(assertion.split(".")[1] ?? "", "base64url").toString("utf8"));
    return typeof sub === "string" && sub !== "" ? sub : undefined;
  } catch {
    return undefined;
  }
}

function readHeader(assertion: string, keys: ClientKeys): KeyQuery {
  let header: ProtectedHeaderParameters;
  try {
    header = decodeProtectedHeader(assertion.length > MAX_ASSERTION_LENGTH ? "" : assertion);
  } catch {
    throw refuse("It is not a signed JWT.");
  }
  const { alg = "none", kid, typ = "JWT" } = header;
  if (
    !TYPES.includes(
      String(typ)
        .toLowerCase()
        .replace(/^application\//, ""),
    )
  ) {
    throw refuse("Its typ is not that of a client assertion.");
  }
  if (!ASYMMETRIC_ALGORITHMS.includes(alg) || (keys.algorithm !== undefined && keys.algorithm !== alg)) {
    throw refuse(`Its algorithm must be ${keys.algorithm ?? `one of ${ASYMMETRIC_ALGORITHMS.join(", ")}`}.`);
  }
  return { alg, kid: typeof kid === "string" ? kid : undefined };
}

function requireClaims(
  { iss, sub, aud, exp, iat, jti }: JWTPayload,
  client: Client,
  audiences: readonly string[],
  now: number,
): { readonly jti: string; readonly exp: number } {
  if (iss !== client.id || sub !== client.id) {
    throw refuse("Its iss and sub must both be the client_id.");
  }
  // An audience beside ours could use the assertion here in the client's name.
  const addressed = [aud ?? []].flat();
  if (addressed.length === 0 || !addressed.every((audience) => audiences.includes(audience))) {
    throw refuse("Its aud must be this server's issuer or token endpoint, and nothing else.");
  }
  if (exp === undefined || exp > now + MAX_LIFETIME + CLOCK_TOLERANCE) {
    throw refuse(`Its exp must be there, and at most ${MAX_LIFETIME} seconds away.`);
  }
  if (iat !== undefined && (iat > now + CLOCK_TOLERANCE || exp - iat > MAX_LIFETIME)) {
    throw refuse(`Its iat must not be in the future, nor more than ${MAX_LIFETIME} seconds before exp.`);
  }
  if (typeof jti !== "string" || jti === "" || jti.length > MAX_JTI_LENGTH) {
    throw refuse(`Its jti must be there, as text of at most ${MAX_JTI_LENGTH} characters.`);
  }
  return { jti, exp };
}

function isAboutClaims(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ERR_JWT_EXPIRED" || code === "ERR_JWT_CLAIM_VALIDATION_FAILED" || code === "ERR_JWT_INVALID";
}

function toClientError(
  error: unknown,
  { jwksUri = "" }: ClientKeys,
  { hosts, logger }: Pick<AssertionVerifierOptions, "hosts" | "logger">,
): unknown {
  if (error instanceof DocumentError) {
    const { host } = new URL(jwksUri);
    if (!(error instanceof TooManyFetches)) {
      logger.info({ event: "client-keys-refused", host, reason: error.message }, "A client's jwks_uri can't be used");
    }
    return error.kind === "unavailable"
      ? unavailableDocument(
          `The client's keys can't be fetched from ${host} right now. Try again in a moment. The host must have public addresses only.`,
          {
            url: jwksUri,
            hosts,
            error,
          },
        )
      : refuse("The client's jwks_uri can't be used: it must answer with a JWK Set.");
  }
  return error instanceof OAuthError && error.code === "invalid_client_metadata" ? refuse(error.message) : error;
}

function refuse(reason: string): OAuthError {
  return new OAuthError("invalid_client", `The client_assertion can't be accepted. ${reason}`);
}
