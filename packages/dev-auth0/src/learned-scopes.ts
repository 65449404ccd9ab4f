import { type Api, OIDC_SCOPES } from "./apis.ts";
import type { Tenant } from "./tenant.ts";
import { defaultUsers } from "./users.ts";

/**
 * The API with the scopes that a login asks for, where it learns them. Users whose permissions follow from those of the
 * API get what is new.
 */
export function learnScopes(tenant: Tenant, api: Api, asked: readonly string[]): Api {
  const fresh = asked.filter((scope) => !OIDC_SCOPES.includes(scope) && !api.scopes.includes(scope));
  if (!api.learnScopes || fresh.length === 0) {
    return api;
  }
  const learned = { ...api, scopes: [...new Set([...api.scopes, ...fresh])] };
  tenant.apis.set(api.identifier, learned);
  const before = defaultUsers(api);
  for (const { username, permissions } of defaultUsers(learned)) {
    const user = tenant.users.get(username);
    const had = before.find((other) => other.username === username)?.permissions ?? [];
    if (user !== undefined && tenant.hasDefaultUsers && sameList(user.permissions, had)) {
      tenant.users.set(username, { ...user, permissions });
    }
  }
  return learned;
}

function sameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((entry, index) => entry === other[index]);
}
