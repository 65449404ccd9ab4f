import type { Application } from "../applications.ts";
import type { TokenAnswer } from "../oauth-error.ts";
import { type Parameters, required, scopeList } from "../parameters.ts";
import type { Tenant } from "../tenant.ts";
import { grantAccessToken, grantIdToken, grantingUser } from "./login-grant.ts";

/** A refresh token for new tokens (RFC 6749 section 6). Scopes beyond those of the login are left out. */
export async function exchangeRefreshToken(
  tenant: Tenant,
  application: Application,
  body: Parameters,
): Promise<TokenAnswer> {
  const token = required(body, "refresh_token");
  const leeway = tenant.faults.refreshToken === "without-leeway" ? 0 : undefined;
  const grant = tenant.refreshTokens.check(token, application.clientId, leeway);
  const user = grantingUser(tenant, grant);
  const asked = scopeList(body.scope);
  const scopes = asked.length === 0 ? grant.scopes : grant.scopes.filter((scope) => asked.includes(scope));
  const successor = tenant.refreshTokens.rotate(token);
  return {
    ...(await grantAccessToken(tenant, grant, user, scopes)),
    ...(successor !== undefined && tenant.faults.refreshToken !== "none" && { refresh_token: successor }),
    ...(await grantIdToken(tenant, grant, user, scopes)),
  };
}
