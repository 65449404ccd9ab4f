import { OAuthError } from "../../errors.ts";
import { sha256Base64url, timingSafeEqualStrings } from "../../lib/secrets.ts";
import type { Keyring } from "../../sealing/keyring.ts";
import type { VerifiedIdToken } from "../../upstream/id-token-signature.ts";
import type { UpstreamTokens } from "../../upstream/upstream-client.ts";
import { type Client, clientName, dialectOf, isPublic } from "../clients/client.ts";
import type { ProviderSession, ProxyContext } from "../context.ts";
import { requireRecentLogin, scopesAtProvider } from "../protocol/login-age.ts";
import { type Parameters, requireParameter } from "../protocol/parameters.ts";
import { type CodeGrant, openToken, type TokenResponse } from "../tokens/sealed-tokens.ts";
import { deriveLoginSecrets, familyOf, type LoginSecrets } from "../tokens/token-keys.ts";
import { claimCode, endLoginOfUsedCode, recordFailure, recordIssue } from "./code-reuse.ts";
import type { ClientGrant, ClientRequest } from "./grant.ts";
import { issueTokens } from "./issue-tokens.ts";
import { requireBoundKey } from "./proof-of-possession.ts";
import { exchangeResumably, findUnissued } from "./resumable-exchange.ts";
import { isTemporary, toTokenEndpointError } from "./upstream-errors.ts";

const CODE_TTL = 60;

/** Seconds by which the clock of the replica that sealed a code may differ from that of the one that redeems it. */
const CLOCK_SKEW = 60;

/** Seconds for which a used code is remembered: longer than any replica takes it for good. */
const CLAIM_TTL = CODE_TTL + 2 * CLOCK_SKEW;

/**
 * The authorization code grant (RFC 6749 section 4.1). Requests with one code that overlap share one exchange and get
 * the same answer: clients send a code twice when an answer is slow, or from two parts of a program. Client, redirect
 * URI, PKCE and resource are validated for each of them, and each uses up its own proof.
 */
export function createAuthorizationCodeGrant(): ClientGrant {
  const inFlight = new Map<string, Promise<TokenResponse>>();
  return { type: "authorization_code", isOffered: () => true, authenticates: "client", grant: redeem };

  async function redeem(context: ProxyContext, request: ClientRequest): Promise<TokenResponse> {
    const { provider: session, client, parameters, proof } = request;
    const grant = await openCode(context, session, client, parameters);
    requireBoundKey(grant.jkt, proof, "code");
    const answerId = sha256Base64url(["code", grant.loginId, grant.clientHash, proof?.jkt].join("\n"));
    const overlapping = inFlight.get(answerId);
    await proof?.use();
    // The exchange that it overlapped with may have ended while the store was asked about the proof.
    const running = overlapping ?? inFlight.get(answerId);
    if (running !== undefined) {
      return running;
    }
    const answer = redeemOnce(context, request, grant, answerId).finally(() => inFlight.delete(answerId));
    inFlight.set(answerId, answer);
    return answer;
  }
}

/**
 * Redeems an authorization code that was validated (RFC 6749 section 4.1.3): nobody else can use it up. A code that
 * comes again after its answer ends the login it stands for.
 */
async function redeemOnce(
  context: ProxyContext,
  { provider: session, client, proof }: ClientRequest,
  grant: CodeGrant,
  answerId: string,
): Promise<TokenResponse> {
  const { options } = context;
  const family = familyOf(grant.loginId);
  const line = { login: family, client: client.hash };
  const use = { loginId: grant.loginId, answerId, family, loginTime: grant.issuedAt, ttl: CLAIM_TTL };
  const claimed = await claimCode(options, session, use);
  if (claimed.outcome === "answered elsewhere") {
    return claimed.response;
  }
  if (claimed.outcome === "used") {
    await endLoginOfUsedCode(options, use);
    options.logger.warn({ event: "code-reused", ...line }, "An authorization code came twice: its login was ended");
    throw new OAuthError("invalid_grant", "The code was used before, so its login was ended. Log in again.");
  }
  try {
    const exchange = {
      id: grant.loginId,
      family,
      scopes: grant.scopes,
      expiresAt: grant.issuedAt + CODE_TTL + CLOCK_SKEW,
      atProvider: () => exchangeAtProvider(context, session, grant),
      verifiesIdToken: true,
      issue: async (tokens: UpstreamTokens, idToken: VerifiedIdToken | undefined) => {
        requireRecentLogin(grant.earliestLogin, session.upstream, idToken);
        return issueTokens(context, session, tokens, {
          idToken,
          family,
          generation: 0,
          loginTime: grant.issuedAt,
          clientHash: client.hash,
          clientName: clientName(client),
          dialect: dialectOf(client),
          grantedScopes: grant.scopes,
          requestedScopes: grant.scopes,
          withheld: grant.withheld,
          ...(client.metadataHost !== undefined && isPublic(client) && { publicClient: true }),
          jkt: proof?.jkt,
          bindsRefreshToken: isPublic(client),
        });
      },
    };
    // Not before the code is claimed: another request may have left an answer while this one waited.
    const kept = await findUnissued(context, session, grant.loginId);
    const issued = await exchangeResumably(context, session, exchange, kept);
    await recordIssue(options, session, use, issued);
    options.logger.info({ event: "tokens-issued", ...line, scopes: issued.scope }, "A client got its tokens");
    return issued;
  } catch (error) {
    await (isTemporary(error) ? options.store.release("code", grant.loginId) : recordFailure(options, use));
    throw toTokenEndpointError(error, options, line);
  }
}

function exchangeAtProvider({ urls }: ProxyContext, { upstream, keyring }: ProviderSession, grant: CodeGrant) {
  const { codeVerifier, nonce } = loginSecrets(keyring, grant);
  return upstream.client.exchangeCode({
    code: grant.providerCode,
    redirectUri: urls.callback,
    codeVerifier,
    nonce,
    scopes: scopesAtProvider(upstream, grant.scopes, grant.earliestLogin !== undefined),
  });
}

function loginSecrets(keyring: Keyring, grant: CodeGrant): LoginSecrets {
  try {
    return deriveLoginSecrets(keyring, grant.loginId, grant.loginKeyId);
  } catch (cause) {
    throw new OAuthError("invalid_grant", "The server's keys have changed since the login. Log in again.", { cause });
  }
}

async function openCode(
  { options }: ProxyContext,
  { keyring }: ProviderSession,
  client: Client,
  parameters: Parameters,
): Promise<CodeGrant> {
  const code = requireParameter(parameters, "code");
  const verifier = requireParameter(parameters, "code_verifier");
  const grant = (await openToken(keyring, "code", code))?.contents;
  if (grant === undefined || !timingSafeEqualStrings(grant.clientHash, client.hash)) {
    throw new OAuthError("invalid_grant", "The code is not one that this server gave this client. Log in again.");
  }
  if (grant.issuedAt + CODE_TTL + CLOCK_SKEW <= options.clock()) {
    throw new OAuthError("invalid_grant", `The code has expired: it is good for ${CODE_TTL} seconds. Log in again.`);
  }
  const redirectUri = parameters.get("redirect_uri");
  const redirectMatches =
    redirectUri === undefined ? !grant.redirectUriSent : sha256Base64url(redirectUri) === grant.redirectHash;
  if (!redirectMatches) {
    throw new OAuthError("invalid_grant", "The redirect_uri is not the one that the login was started with.");
  }
  const challenge = /^[A-Za-z0-9._~-]{43,128}$/.test(verifier) ? sha256Base64url(verifier) : "";
  if (!timingSafeEqualStrings(challenge, grant.codeChallenge)) {
    throw new OAuthError("invalid_grant", "The code_verifier does not belong to the code_challenge.");
  }
  if (grant.resource !== options.resource) {
    throw new OAuthError("invalid_target", "The code is for another resource.");
  }
  return grant;
}
