import { stringList } from "../../env/list-fields.ts";
import { SCOPE_CLAIMS } from "../../upstream/access-token-claims.ts";

/**
 * Which claims count as scopes, for a proxy of a provider whose access tokens are JWTs: whatever they list is cut to
 * what the user approved for the client.
 */
export function scopeClaimsField() {
  return stringList({
    description:
      "The claims of access tokens that list scopes; if permissions is left out, a client gets no permission of the user that it did not ask for",
    example: "scope scp",
    default: SCOPE_CLAIMS,
  });
}

/**
 * Likewise, for a provider whose tokens are taken as they come. No consent of ours cuts them, and Auth0's `permissions`
 * are what the user may do, not what they let the client do: so those don't count unless asked for.
 */
export function uncutScopeClaimsField() {
  return stringList({
    description:
      "The claims of access tokens that list scopes; with permissions, every client may do all that its user may, whatever it asked for",
    example: "scope scp permissions",
    default: ["scope", "scp"],
  });
}
