import { getAccessToken } from "./access-token.ts";
import { ToolError } from "./errors.ts";

/**
 * A key for what belongs to the organization (tenant) that the request being served is for, so that one tenant can
 * never read another's: in a store, a cache, a name of a file or a queue.
 *
 * It is made of the issuer whose organization it is, the organization and `parts`, such that no two lists give the same
 * key, whatever characters are in them. Where keys must be short or hold no names, hash it.
 *
 * @param parts what there is more than one of in a tenant, such as `getAccessToken().subject` for what is each user's
 * own.
 * @throws ToolError for a login through no organization: there is no tenant that it could belong to.
 * @throws Error outside a request, and in a server without authentication.
 *
 * @example
 * ```ts
 * const places = store.get(tenantKey());
 * const drafts = store.get(tenantKey("drafts", getAccessToken().subject));
 * ```
 */
export function tenantKey(...parts: readonly string[]): string {
  const { claims, organization, organizationIssuer = claims.iss } = getAccessToken();
  if (organization === undefined) {
    throw new ToolError(
      "This belongs to an organization, and you are logged in through none. Log in again, through your organization.",
    );
  }
  if (!parts.every((part) => typeof part === "string")) {
    throw new TypeError("tenantKey() takes strings: a part that is missing would make one key of several.");
  }
  const issuer = typeof organizationIssuer === "string" ? organizationIssuer : null;
  return `tenant:${JSON.stringify([issuer, organization, ...parts])}`;
}
