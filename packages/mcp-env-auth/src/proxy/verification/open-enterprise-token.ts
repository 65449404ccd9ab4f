import type { AccessToken } from "../../access-token.ts";
import { deepFreeze } from "../../lib/deep-freeze.ts";
import { UpstreamError } from "../../upstream/upstream-client.ts";
import { UpstreamTokenError } from "../../upstream/upstream-token.ts";
import type { ProviderSession } from "../context.ts";
import type { Enterprise, OAuthProxyOptions } from "../options.ts";
import { carriedScopes, effectiveScopes } from "../protocol/effective-scopes.ts";
import { unavailable } from "../protocol/outages.ts";
import { denialsOf } from "../tokens/denials.ts";
import { type AccessGrant, identityHash } from "../tokens/sealed-tokens.ts";
import { addressFault, assertedAt, enterpriseClaims, enterpriseScopes, enterpriseSubject } from "./enterprise.ts";
import { identityScopes } from "./machines.ts";
import { invalidToken, type OpenedToken } from "./verify-upstream-token.ts";

type EnterpriseOptions = Pick<
  OAuthProxyOptions,
  "enterprise" | "issuer" | "resource" | "requiredScopes" | "scopesSupported" | "withImpliedScopes"
>;

/**
 * The access token of a session that an enterprise's assertion opened. The assertion is inside, and its signature is
 * verified again, as of when it was used, and with it whom, what and how much it is for: a leaked sealing key alone
 * mints no identities here either, not even from an assertion for another server. It is no token of the provider's, so
 * there is none.
 *
 * @throws OAuthError `invalid_token`, `temporarily_unavailable`
 */
export async function openEnterpriseToken(
  options: EnterpriseOptions,
  session: ProviderSession,
  grant: AccessGrant,
): Promise<OpenedToken> {
  const { enterprise, requiredScopes } = options;
  if (enterprise === undefined) {
    throw invalidToken("This server no longer takes assertions of enterprises. Log in.");
  }
  const { jag, subject } = await openAssertion(enterprise, session, grant).catch((error: unknown) => {
    if (error instanceof UpstreamTokenError) {
      throw invalidToken(`The enterprise's assertion is no longer good (${error.fault}). Ask for a new one.`, error);
    }
    if (error instanceof UpstreamError) {
      throw unavailable(
        "The access token can't be checked: the enterprise's identity provider can't be reached.",
        error,
      );
    }
    throw error;
  });
  if (identityHash(subject) !== grant.subjectHash || identityHash(jag.clientId) !== grant.clientHash) {
    throw invalidToken("The access token does not fit the user and client it was issued for.");
  }
  const fault = addressFault(jag, options);
  if (fault !== undefined) {
    throw invalidToken(fault);
  }
  const carried = [...carriedScopes(options, enterpriseScopes(jag, options)), ...identityScopes(requiredScopes)];
  const organization = enterprise.organizationOf(jag.issuer);
  const { issuer } = session.upstream.client.metadata;
  const accessToken = deepFreeze<AccessToken>({
    token: "",
    clientId: grant.clientHash,
    scopes: effectiveScopes(grant.scopes, carried),
    expiresAt: grant.expiresAt,
    claims: enterpriseClaims(jag),
    subject,
    login: grant.family,
    ...(grant.jkt !== undefined && { jkt: grant.jkt }),
    ...(grant.dialect !== undefined && { dialect: grant.dialect }),
    ...(organization !== undefined && { organization, ...(issuer !== undefined && { organizationIssuer: issuer }) }),
  });
  return { accessToken, denials: denialsOf(grant), login: grant.family };
}

async function openAssertion(enterprise: Enterprise, session: ProviderSession, grant: AccessGrant) {
  const jag = await enterprise.verify(grant.providerToken, assertedAt(grant));
  return { jag, subject: enterpriseSubject(jag, session) };
}
