import { createOrganizationPolicy } from "../../upstream/organization-policy.ts";
import type { OrganizationPolicy } from "../../upstream/upstream.ts";

/** Which organizations (tenants) may use a server, and how its provider names them. */
export interface OrganizationSettings {
  /** The claim that names the organization. Absent: the provider's tokens name none. */
  readonly organizationClaim?: string;
  /**
   * The claim that names it for people, where the provider has one: what does not start with `org_` is compared with
   * that.
   */
  readonly organizationNameClaim?: string | undefined;
  /** Whether id tokens name it in the same claim. Default false. */
  readonly organizationInIdToken?: boolean;
  /** The only one; absent: those of `allowedOrganizations`. */
  readonly organization?: string;
  /** Absent: any, and none; empty: nobody's. */
  readonly allowedOrganizations?: readonly string[];
}

/** The policy of these settings, for a provider whose tokens name organizations. */
export function organizationPolicy(settings: OrganizationSettings): OrganizationPolicy | undefined {
  const { organizationClaim: claim, organization, allowedOrganizations } = settings;
  if (claim === undefined) {
    return undefined;
  }
  return createOrganizationPolicy({
    claim,
    nameClaim: settings.organizationNameClaim,
    allowed: organization === undefined ? allowedOrganizations : [organization],
    inIdToken: settings.organizationInIdToken ?? false,
  });
}
