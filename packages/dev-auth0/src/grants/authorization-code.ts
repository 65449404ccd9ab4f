import type { Application } from "../applications.ts";
import { OAuthError, type TokenAnswer } from "../oauth-error.ts";
import { type Parameters, required } from "../parameters.ts";
import { codeChallenge, secretsMatch } from "../random.ts";
import type { AuthorizationCode, Tenant } from "../tenant.ts";
import { grantAccessToken, grantIdToken, grantingUser } from "./login-grant.ts";

/** A code for tokens (RFC 6749 section 4.1.3, RFC 7636 section 4.6). */
export async function exchangeCode(tenant: Tenant, application: Application, body: Parameters): Promise<TokenAnswer> {
  const value = required(body, "code");
  const code = tenant.codes.get(value);
  if (code === undefined || code.grant.clientId !== application.clientId) {
    throw badCode();
  }
  if (code.exchange !== undefined) {
    if (code.exchange.refreshToken !== undefined) {
      tenant.refreshTokens.revoke(code.exchange.refreshToken);
    }
    throw badCode();
  }
  checkRedirectUri(code, body.redirect_uri);
  checkVerifier(code, body.code_verifier);

  const user = grantingUser(tenant, code.grant);
  const offline = code.grant.scopes.includes("offline_access") && tenant.faults.refreshToken !== "none";
  const refreshToken = offline ? tenant.refreshTokens.issue(code.grant) : undefined;
  code.exchange = { refreshToken };
  const { scopes } = code.grant;
  return {
    ...(await grantAccessToken(tenant, code.grant, user, scopes)),
    ...(refreshToken !== undefined && { refresh_token: refreshToken }),
    ...(await grantIdToken(tenant, code.grant, user, scopes, code.nonce)),
  };
}

function checkRedirectUri(code: AuthorizationCode, redirectUri: string | undefined): void {
  if (redirectUri === code.redirectUri) {
    return;
  }
  const message = `The redirect URI is wrong. You sent ${redirectUri}, and we expected ${code.redirectUri}`;
  throw new OAuthError(403, "unauthorized_client", message);
}

function checkVerifier({ codeChallenge: challenge }: AuthorizationCode, verifier: string | undefined): void {
  if (challenge === undefined && verifier === undefined) {
    return;
  }
  if (challenge === undefined || verifier === undefined || !secretsMatch(codeChallenge(verifier), challenge)) {
    throw new OAuthError(403, "invalid_grant", "Failed to verify code verifier");
  }
}

function badCode(): OAuthError {
  return new OAuthError(403, "invalid_grant", "Invalid authorization code");
}
