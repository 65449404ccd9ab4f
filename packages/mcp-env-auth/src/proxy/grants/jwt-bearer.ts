import { confirmationOf } from "../../dpop/confirmation.ts";
import { OAuthError } from "../../errors.ts";
import { CLOCK_TOLERANCE, REPLICA_SKEW } from "../../lib/clock.ts";
import { randomId, sha256Base64url } from "../../lib/secrets.ts";
import type { IdJag } from "../../upstream/id-jag.ts";
import { UpstreamTokenError } from "../../upstream/upstream-token.ts";
import { type Client, clientName, dialectOf, isPublic } from "../clients/client.ts";
import type { ProviderSession, ProxyContext } from "../context.ts";
import { carriedScopes } from "../protocol/effective-scopes.ts";
import { describable, requireParameter } from "../protocol/parameters.ts";
import { splitScopes } from "../protocol/scopes.ts";
import { identityHash, type TokenResponse } from "../tokens/sealed-tokens.ts";
import { addressFault, enterpriseScopes, enterpriseSubject } from "../verification/enterprise.ts";
import { identityScopes } from "../verification/machines.ts";
import type { ClientGrant, ClientRequest } from "./grant.ts";
import { issueAccessToken, requireNotDenied } from "./issue-tokens.ts";
import { tokenResponse } from "./issued-response.ts";
import { requireBoundKey } from "./proof-of-possession.ts";
import { toTokenEndpointError } from "./upstream-errors.ts";

/** RFC 7523 section 2.1. */
export const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/** In the metadata, of an authorization server that takes Identity Assertion JWT Authorization Grants. */
const ID_JAG_PROFILE = "urn:ietf:params:oauth:grant-profile:id-jag";

/** Seconds: the longest life of an assertion that a client without credentials brings. */
const MAX_PUBLIC_LIFETIME = 300;

/** The JWT bearer grant (RFC 7523 section 2.1), for trusted enterprises. */
export const jwtBearerGrant: ClientGrant = {
  type: JWT_BEARER,
  profiles: [ID_JAG_PROFILE],
  isOffered: ({ options }) => options.enterprise !== undefined,
  authenticates: "client",
  grant: grantByAssertion,
};

/**
 * The JWT bearer grant (RFC 7523 section 2.1) for Identity Assertion JWT Authorization Grants: an enterprise's identity
 * provider says, for one client and this server, that it may act for a user, and no login follows (MCP's
 * enterprise-managed authorization, section 5). Used once, by the client that it was issued to, which has proven who it
 * is, or which is public and at a host that the operator lists. There is no refresh token: the client asks the
 * enterprise again.
 *
 * @throws OAuthError `invalid_grant`, with the reason; the assertion itself is repeated and logged nowhere.
 */
async function grantByAssertion(
  context: ProxyContext,
  { provider, client, parameters, proof }: ClientRequest,
): Promise<TokenResponse> {
  const { options } = context;
  const isProven = !isPublic(client) || parameters.get("client_assertion") !== undefined;
  if (!isProven) {
    requireListedHost(context, client);
  }
  const assertion = requireParameter(parameters, "assertion");
  const line = { client: client.hash };
  const { jag, subject } = await verify(context, provider, assertion, line);
  requireOurs(context, client, jag);
  if (!isProven) {
    requireShortLife(jag);
  }
  requireBoundKey(boundKey(jag), proof, "assertion");
  await proof?.use(subject);
  await requireUnused(context, jag, identityHash(subject));
  const scopes = grantedScopes(context, jag, splitScopes(parameters.get("scope") ?? ""));
  const now = options.clock();
  const session = {
    family: randomId(),
    loginTime: Math.floor(now),
    subjectHash: identityHash(subject),
    clientHash: client.hash,
  };
  await requireNotDenied(context, session);
  const expiresAt = Math.floor(now + Math.min(options.accessTokenTtl, options.sessionTtl));
  const dialect = dialectOf(client);
  const accessToken = await issueAccessToken(context, provider.keyring, {
    ...session,
    expiresAt,
    scopes,
    resource: options.resource,
    ...(proof !== undefined && { jkt: proof.jkt }),
    ...(dialect !== undefined && { dialect }),
    providerToken: assertion,
  });
  context.loginRecords?.note({
    ...{ login: session.family, subject, clientHash: client.hash, clientName: clientName(client) },
    organization: options.enterprise?.organizationOf(jag.issuer),
    ...{ since: session.loginTime, expiresAt },
  });
  options.logger.info(
    { event: "enterprise-token-issued", login: session.family, ...line, issuer: jag.issuer, scopes },
    "A client got its token by an enterprise's assertion",
  );
  return tokenResponse({ accessToken, expiresAt, now, scopes, jkt: proof?.jkt });
}

/**
 * Without a proof, whoever saw an assertion on its way could be first to use it: the operator decides where that is.
 */
function requireListedHost({ options }: ProxyContext, { metadataHost }: Client): void {
  if (metadataHost !== undefined && options.enterprise?.publicClientHosts?.includes(metadataHost)) {
    return;
  }
  const listing =
    metadataHost === undefined
      ? ""
      : ` The operator of this server can allow it without, by ${metadataHost} in ${options.variables.assertionPublicClients}.`;
  throw new OAuthError(
    "unauthorized_client",
    `A client uses this grant with credentials of its own: register with client_secret_basic, or sign a client_assertion.${listing}`,
  );
}

function requireShortLife({ claims, expiresAt }: IdJag): void {
  if (typeof claims.iat !== "number" || expiresAt - claims.iat > MAX_PUBLIC_LIFETIME) {
    throw refuse(
      `The assertion's exp must be at most ${MAX_PUBLIC_LIFETIME} seconds after its iat, since the client has no credentials.`,
    );
  }
}

async function verify({ options }: ProxyContext, provider: ProviderSession, assertion: string, line: object) {
  if (options.enterprise === undefined) {
    throw new Error("The grant is used where no enterprise is trusted, and so not offered.");
  }
  try {
    const jag = await options.enterprise.verify(assertion, options.clock());
    return { jag, subject: enterpriseSubject(jag, provider) };
  } catch (error) {
    if (error instanceof UpstreamTokenError) {
      options.logger.warn({ event: "assertion-refused", ...line, fault: error.fault }, error.message);
      throw refuse(error.message);
    }
    throw toTokenEndpointError(error, options, line);
  }
}

function requireOurs({ options }: ProxyContext, client: Client, jag: IdJag): void {
  const fault = addressFault(jag, options);
  if (fault !== undefined) {
    throw refuse(fault);
  }
  if (jag.clientId !== client.id) {
    throw refuse("The assertion was issued to another client.");
  }
}

/** The key that the enterprise bound the assertion to. */
function boundKey({ claims }: IdJag): string | undefined {
  try {
    return confirmationOf(claims).jkt;
  } catch {
    throw refuse("The assertion is bound by a cnf claim that can't be checked here: only cnf.jkt (DPoP) can.");
  }
}

async function requireUnused(
  { options }: ProxyContext,
  { issuer, jti, expiresAt }: IdJag,
  subjectHash: string,
): Promise<void> {
  const id = sha256Base64url(JSON.stringify([issuer, jti]));
  const ttl = expiresAt + CLOCK_TOLERANCE + REPLICA_SKEW - options.clock();
  if (!(await options.store.claim("id-jag", id, ttl, undefined, subjectHash))) {
    throw refuse("The assertion was used before. Ask the enterprise's identity provider for a new one.");
  }
}

/**
 * What the enterprise grants, cut to what the client asked for and the server knows; without a grant, what every token
 * needs.
 */
function grantedScopes({ options }: ProxyContext, jag: IdJag, asked: readonly string[]): readonly string[] {
  const known = enterpriseScopes(jag, options);
  const wanted = asked.length === 0 ? known : carriedScopes(options, known).filter((scope) => asked.includes(scope));
  return [...new Set([...wanted, ...identityScopes(options.requiredScopes)])];
}

function refuse(reason: string): OAuthError {
  return new OAuthError("invalid_grant", describable(reason, 500));
}
