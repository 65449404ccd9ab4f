import { accessTokenLifetime, createAccessToken } from "../access-token.ts";
import { apiPermissions, grantScopes } from "../apis.ts";
import { createIdToken } from "../id-token.ts";
import { OAuthError, type TokenAnswer } from "../oauth-error.ts";
import { requireMember } from "../organizations.ts";
import type { LoginGrant } from "../refresh-tokens.ts";
import type { Tenant } from "../tenant.ts";
import type { ResolvedUser } from "../users.ts";

/** The user who logged in, as they are now. @throws OAuthError when they may no longer. */
export function grantingUser(tenant: Tenant, grant: LoginGrant): ResolvedUser {
  const user = tenant.users.get(grant.username);
  if (user === undefined || user.blocked) {
    throw new OAuthError(403, "invalid_grant", "user is blocked");
  }
  requireMember(user, grant.organization);
  return user;
}

/** An access token with those of `scopes` that the user still has permission for. */
export async function grantAccessToken(
  tenant: Tenant,
  grant: LoginGrant,
  user: ResolvedUser,
  scopes: readonly string[],
): Promise<TokenAnswer> {
  const api = grant.audience === undefined ? undefined : tenant.apis.get(grant.audience);
  const granted = grantScopes(scopes, api, user.permissions);
  const accessToken = await createAccessToken(tenant, {
    subject: user.id,
    clientId: grant.clientId,
    api,
    scopes: granted,
    permissions: apiPermissions(api, user.permissions),
    organization: grant.organization,
    customClaims: user.customClaims,
  });
  return {
    access_token: accessToken,
    scope: granted.join(" "),
    expires_in: accessTokenLifetime(tenant, api),
    token_type: "Bearer",
  };
}

/** The id token, where the login asked for `openid`. */
export async function grantIdToken(
  tenant: Tenant,
  grant: LoginGrant,
  user: ResolvedUser,
  scopes: readonly string[],
  nonce?: string,
): Promise<Pick<TokenAnswer, "id_token">> {
  if (!scopes.includes("openid") || tenant.faults.idToken === "missing") {
    return {};
  }
  return { id_token: await createIdToken(tenant, { ...grant, user, scopes, nonce }) };
}
