import type { ResolvedUser } from "./users.ts";

/** An organization of the tenant: a customer of whoever runs the application. */
export interface Organization {
  /** Such as `org_acme`. */
  readonly id: string;
  /** Such as `acme`: what people type, and what `organization` may be where the tenant allows names. In lower case. */
  readonly name: string;
  /** Default: the name. */
  readonly displayName?: string;
  /** Whether strict third-party applications log users in to it. Default `block`, as at Auth0. */
  readonly thirdPartyClientAccess?: "allow" | "block";
}

/** Those given, and one for every other that a user is a member of, named by its id without `org_`. */
export function resolveOrganizations(
  given: readonly Organization[],
  users: Iterable<ResolvedUser>,
): ReadonlyMap<string, Organization> {
  const organizations = new Map(given.map((organization) => [organization.id, organization]));
  for (const id of [...users].flatMap((user) => user.organizations)) {
    if (!organizations.has(id)) {
      organizations.set(id, { id, name: id.replace(/^org_/, "").toLowerCase() });
    }
  }
  return organizations;
}
