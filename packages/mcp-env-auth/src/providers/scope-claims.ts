import { stringList } from "../env/list-fields.ts";
import { SCOPE_CLAIMS } from "../upstream/access-token-claims.ts";

/** Which claims count as scopes, for a provider whose access tokens are JWTs. */
export function scopeClaimsField() {
  return stringList({
    description:
      "The claims of access tokens that list scopes; without permissions, what a user may do is no scope of a client that did not ask for it",
    example: "scope scp",
    default: SCOPE_CLAIMS,
  });
}
