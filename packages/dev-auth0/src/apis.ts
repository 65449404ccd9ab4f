/** An API as registered at Auth0: what an access token is for. */
export interface Api {
  /** The `audience`. */
  readonly identifier: string;
  readonly scopes: readonly string[];
  /**
   * Whether scopes that a login asks for become permissions of the API, which Auth0 does not do: so a server brings its
   * own. alice has them all, bob and dave the first. Default false.
   */
  readonly learnScopes?: boolean;
  /** "Allow Offline Access": whether refresh tokens are issued. Default true. */
  readonly allowOfflineAccess?: boolean;
  /**
   * "Enable RBAC": a user gets only the scopes they have permission for. Without it, every scope asked for. Default
   * true.
   */
  readonly enforcePolicies?: boolean;
  /**
   * The shape of access tokens. `_authz` adds `permissions` ("Add Permissions in the Access Token"); `rfc9068_profile`
   * has `typ: at+jwt` and `client_id` in the place of `azp`. Default `access_token_authz`.
   */
  readonly tokenDialect?: TokenDialect;
  /** "Default Permissions for Third-Party Applications", for users. Default: none of them may ask for this API. */
  readonly thirdPartyPermissions?: readonly string[];
  /** Seconds. Default: the tenant's `accessTokenLifetime`. */
  readonly tokenLifetime?: number;
}

export type TokenDialect = "access_token" | "access_token_authz" | "rfc9068_profile" | "rfc9068_profile_authz";

export const DEFAULT_API: Api = {
  identifier: "https://weather.example.com/api",
  scopes: ["weather:read", "weather:write"],
};

/** Scopes that belong to the login, not to an API. */
export const OIDC_SCOPES: readonly string[] = ["openid", "profile", "email", "address", "phone", "offline_access"];

/** Whether an API lets its clients have refresh tokens. A login without an API may have them. */
export function allowsOfflineAccess(api: Api | undefined): boolean {
  return api?.allowOfflineAccess ?? true;
}

/** Of all that a user may do, what concerns the API. */
export function apiPermissions(api: Api | undefined, permissions: readonly string[]): string[] {
  return permissions.filter((permission) => api?.scopes.includes(permission));
}

/** Of the scopes asked for, those of OpenID Connect and those of the API that the user (or machine) has. */
export function grantScopes(
  requested: readonly string[],
  api: Api | undefined,
  permissions: readonly string[],
): string[] {
  const enforced = api?.enforcePolicies ?? true;
  return [...new Set(requested)].filter((scope) => {
    if (scope === "offline_access") {
      return allowsOfflineAccess(api);
    }
    if (OIDC_SCOPES.includes(scope)) {
      return true;
    }
    return api?.scopes.includes(scope) && (!enforced || permissions.includes(scope));
  });
}
