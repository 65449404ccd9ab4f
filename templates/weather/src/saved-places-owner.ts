import { getAccessToken, tenantKey } from "mcp-env-auth";

/**
 * Whose places these are: a user of one identity provider, and there of the organization that the login was through.
 */
export function placesOwner(): string {
  const { subject, claims, organization } = getAccessToken();
  return organization === undefined ? JSON.stringify([claims.iss, subject]) : tenantKey(subject);
}
