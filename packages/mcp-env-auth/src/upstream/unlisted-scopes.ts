import { nearest } from "../lib/nearest.ts";
import { OFFLINE_ACCESS } from "../scope.ts";

/**
 * Scopes about the user and the session: those of OpenID Connect (Core 1.0 sections 5.4 and 11) and its claims, which
 * Auth0 lists, and what Keycloak gives every realm. A provider that lists only these lists none of an API's.
 */
const OF_USERS: ReadonlySet<string> = new Set([
  ...["openid", "profile", "email", "address", "phone", OFFLINE_ACCESS, "groups", "roles", "web-origins", "acr"],
  ...["name", "given_name", "family_name", "nickname", "picture", "email_verified", "created_at", "identities"],
  ...["basic", "microprofile-jwt", "service_account", "organization", "device_sso", "online_access"],
]);

/** Names that are listed in a message at most. */
const MAX_SHOWN = 10;

/**
 * Says which of `wanted` are probably misspelled, because `listed` (`scopes_supported`, RFC 8414 section 2) lacks them.
 * Says nothing for a provider that lists no scopes of an API: the list is only a recommendation.
 */
export function describeUnlistedScopes(listed: readonly string[], wanted: readonly string[]): string | undefined {
  const ofApis = listed.filter((scope) => !OF_USERS.has(scope));
  const unlisted = wanted.filter((scope) => !listed.includes(scope) && !OF_USERS.has(scope));
  const [first] = unlisted;
  if (ofApis.length === 0 || first === undefined) {
    return undefined;
  }
  const near = unlisted.length === 1 ? nearest(first, ofApis) : undefined;
  const shown = ofApis.slice(0, MAX_SHOWN).join(", ") + (ofApis.length > MAX_SHOWN ? ", …" : "");
  const names = unlisted.join(", ");
  const meant = near === undefined ? "" : ` Did you mean ${near}?`;
  return `The provider's metadata does not list the scopes ${names}; it lists ${shown}.${meant} Check the spelling, or create the scopes at the provider.`;
}
