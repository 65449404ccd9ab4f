import type { AccessToken, TokenVerifier } from "../../access-token.ts";
import { BoundedMap } from "../../lib/bounded-map.ts";
import { deepFreeze } from "../../lib/deep-freeze.ts";
import { sha256Base64url } from "../../lib/secrets.ts";
import { OFFLINE_ACCESS } from "../../scope.ts";
import { isIdJag } from "../../upstream/id-jag.ts";
import { machineOf } from "../../upstream/machine-token.ts";
import { unusualClaim } from "../../upstream/subject-rules.ts";
import { machineIn } from "../../upstream/token-subject.ts";
import type { LoginFacts, VerifiedUpstreamToken } from "../../upstream/upstream-token.ts";
import { type ProviderSession, type ProxyContext, requireProvider } from "../context.ts";
import { carriedScopes, effectiveScopes } from "../protocol/effective-scopes.ts";
import { withStoreOutageAs503 } from "../protocol/outages.ts";
import { denialsOf } from "../tokens/denials.ts";
import { type AccessGrant, identityHash } from "../tokens/sealed-tokens.ts";
import { isMachine, machineScopes } from "./machines.ts";
import { openEnterpriseToken } from "./open-enterprise-token.ts";
import { looksLikeJwt, openMachineToken } from "./open-machine-token.ts";
import { invalidToken, type OpenedToken, verifyUpstreamToken } from "./verify-upstream-token.ts";

const MAX_TOKEN_LENGTH = 8192;
const MAX_CACHED = 5000;

/**
 * Verifies the access tokens that the proxy issues. A token is opened, and the provider's token inside verified by its
 * signature, once per process: a leaked sealing key alone mints no identities, unless the provider's tokens are opaque.
 * After that, a request costs one hash, one look-up and the denials. A machine's own token of the provider's is
 * verified again after a minute, so that a key that the provider takes back ends what it signed.
 */
export function createAccessTokenVerifier(context: ProxyContext): TokenVerifier {
  const { store, clock } = context.options;
  const known = new BoundedMap<OpenedToken>({ capacity: MAX_CACHED, whenFull: "evict unused", clock });

  return {
    async verify(token) {
      const session = requireProvider(context);
      if (token.length > MAX_TOKEN_LENGTH) {
        throw invalidToken("The access token is not one that this server issued.");
      }
      const key = sha256Base64url(token);
      const remembered = known.get(key);
      const opened = remembered ?? (await openAccessToken(context, session, token));
      const { accessToken, denials, goodUntil = accessToken.expiresAt } = opened;
      if (accessToken.expiresAt <= clock()) {
        throw invalidToken("The access token has expired. Refresh it, or log in again.");
      }
      if (remembered === undefined) {
        known.set(key, opened, Math.min(goodUntil, accessToken.expiresAt));
      }
      if ((await withStoreOutageAs503(() => store.denied(denials))) !== undefined) {
        throw invalidToken("The access token was revoked. Log in again.");
      }
      if (opened.login !== undefined) {
        context.loginRecords?.use(opened.login);
      }
      return accessToken;
    },
  };
}

async function openAccessToken(
  { options, issuedTokens }: ProxyContext,
  session: ProviderSession,
  token: string,
): Promise<OpenedToken> {
  if (options.machines?.acceptUpstreamTokens && looksLikeJwt(token)) {
    return openMachineToken(options, options.machines, session, token);
  }
  const grant = await withStoreOutageAs503(() => issuedTokens.open(session.keyring, "access", token));
  if (grant === undefined) {
    throw invalidToken(
      "The access token is not one that this server issued, or its keys have changed since. Log in again.",
    );
  }
  if (grant.resource !== options.resource) {
    throw invalidToken("The access token is for another resource.");
  }
  if (grant.expiresAt <= options.clock()) {
    throw invalidToken("The access token has expired. Refresh it, or log in again.");
  }
  if (isIdJag(grant.providerToken)) {
    return openEnterpriseToken(options, session, grant);
  }
  const verified = await verifyProviderToken(session, grant);
  const machine = machineIn(grant.subject) ?? machineBy(session, grant, verified);
  if (machine !== undefined && !isMachine(options.machines, machine)) {
    throw invalidToken("The access token is of a machine that may no longer use this server.");
  }
  const provided = machine === undefined ? verified.scopes : machineScopes(verified, options.requiredScopes);
  if (!subjectHashes(verified, machine).includes(grant.subjectHash)) {
    throw invalidToken("The access token does not fit the user it was issued for. Log in again.");
  }
  const scopes = effectiveScopes(grant.scopes, carriedScopes(options, provided));
  // Every request with this token gets the same object: none may change what the next one sees.
  const accessToken = deepFreeze<AccessToken>({
    token: grant.providerToken,
    clientId: machine ?? grant.clientHash,
    scopes: scopes.filter((scope) => scope !== OFFLINE_ACCESS),
    ...(grant.withheld !== undefined && { withheldScopes: grant.withheld }),
    expiresAt: Math.min(grant.expiresAt, verified.expiresAt),
    claims: verified.claims,
    subject: verified.subject,
    login: grant.family,
    ...(grant.jkt !== undefined && { jkt: grant.jkt }),
    ...(grant.dialect !== undefined && { dialect: grant.dialect }),
    ...(verified.organization !== undefined && { organization: verified.organization }),
  });
  return { accessToken, denials: denialsOf(grant), ...(machine === undefined && { login: grant.family }) };
}

/** Earlier releases sealed a machine's `sub` as it came. */
function subjectHashes({ subject, claims }: VerifiedUpstreamToken, machine: string | undefined): readonly string[] {
  const { sub } = claims;
  return [subject, ...(machine !== undefined && typeof sub === "string" ? [sub] : [])].map(identityHash);
}

/** The machine that a grant was issued to. A user's was issued to a client of ours, whose id no provider knows. */
function machineBy(
  { upstream }: ProviderSession,
  grant: AccessGrant,
  verified: VerifiedUpstreamToken,
): string | undefined {
  const clientId = machineOf(verified, upstream.subject);
  return clientId !== undefined && identityHash(clientId) === grant.clientHash ? clientId : undefined;
}

/**
 * What was known of the provider's token when it was sealed. A name in another claim than today's may be another
 * user's.
 */
function loginFacts({ subject, subjectClaim, scopes }: AccessGrant, { upstream }: ProviderSession): LoginFacts {
  const machine = machineIn(subject);
  if (machine !== undefined) {
    return { grantedScopes: scopes, machine };
  }
  return { grantedScopes: scopes, ...(subjectClaim === unusualClaim(upstream.subject) && { subject }) };
}

async function verifyProviderToken(session: ProviderSession, grant: AccessGrant): Promise<VerifiedUpstreamToken> {
  const { upstream } = session;
  const verify = async () =>
    upstream.tokenKind === "opaque" && grant.verified !== undefined
      ? (upstream.tokens.judgeAgain?.(grant.verified) ?? grant.verified)
      : upstream.tokens.verify(grant.providerToken, loginFacts(grant, session));
  return verifyUpstreamToken(
    verify,
    ({ fault }) => `The identity provider's token is no longer good (${fault}). Log in again.`,
  );
}
