import { OAuthError } from "./oauth-error.ts";
import type { Organization } from "./organization.ts";
import type { Tenant } from "./tenant.ts";
import type { ResolvedUser } from "./users.ts";

/** The claims of a token for an organization: its id, and its name where the tenant allows names. */
export function organizationClaims(tenant: Tenant, id: string | undefined): Record<string, unknown> {
  if (id === undefined) {
    return {};
  }
  const name = tenant.organizationNames ? tenant.organizations.get(id)?.name : undefined;
  return { org_id: id, ...(name !== undefined && { org_name: name }) };
}

/**
 * The organization that an `organization` parameter names.
 *
 * @throws OAuthError when there is none, or names are not allowed.
 */
export function findOrganization(tenant: Tenant, value: string): Organization {
  const byId = tenant.organizations.get(value);
  const found = byId ?? (tenant.organizationNames ? organizationNamed(tenant, value) : undefined);
  if (found === undefined) {
    throw new OAuthError(400, "invalid_request", "parameter organization is invalid");
  }
  return found;
}

/** The organization of that name, in any case. */
export function organizationNamed({ organizations }: Tenant, name: string): Organization | undefined {
  return [...organizations.values()].find((organization) => organization.name === name.trim().toLowerCase());
}

/** The organizations that a user may choose from. */
export function organizationsOf({ organizations }: Tenant, user: ResolvedUser): readonly Organization[] {
  return [...organizations.values()].filter(({ id }) => user.organizations.includes(id));
}

/** @throws OAuthError as Auth0 answers somebody who is no member. */
export function requireMember(user: ResolvedUser, organization: string | undefined): void {
  if (organization === undefined || user.organizations.includes(organization)) {
    return;
  }
  throw new OAuthError(403, "access_denied", `user ${user.id} is not part of the ${organization} organization`);
}
