// A file of its own: the one list of the grants, which `grant.ts` can't import without a cycle.
import type { ProxyContext } from "../context.ts";
import { createAuthorizationCodeGrant } from "./authorization-code.ts";
import { clientCredentialsGrant } from "./client-credentials.ts";
import type { Grant } from "./grant.ts";
import { jwtBearerGrant } from "./jwt-bearer.ts";
import { createRefreshTokenGrant } from "./refresh-token.ts";

/** The grants that the configuration offers, in the order of the metadata. A new grant is a file, and a line here. */
export function createOfferedGrants(context: ProxyContext): readonly Grant[] {
  const grants = [
    createAuthorizationCodeGrant(),
    createRefreshTokenGrant(context),
    clientCredentialsGrant,
    jwtBearerGrant,
  ];
  return grants.filter((grant) => grant.isOffered(context));
}
