import type { VerifiedUpstreamToken } from "./upstream-token.ts";

/** Claims that name the client that a token was issued to (RFC 9068 section 2.2, OpenID Connect Core 1.0 section 2, Okta). */
const CLIENT_CLAIMS = ["client_id", "azp", "cid"] as const;

/** How claims say that no user was there: `gty` at Auth0. */
const CLIENT_CREDENTIALS = "client-credentials";

/**
 * Whether a token that `clientId` got for its own credentials just now can be its: providers give service accounts
 * subjects of their own (Keycloak, Spring, Zitadel). A token that names clients must name this one.
 */
export function canBeOf(clientId: string, { claims }: Pick<VerifiedUpstreamToken, "claims">): boolean {
  const named = CLIENT_CLAIMS.map((name) => claims[name]).filter((value) => value !== undefined && value !== null);
  return named.every((value) => value === clientId);
}

/**
 * The client that a token stands for, when it stands for a client and no user: issued by the client
 * credentials grant, its `sub` is the client itself (RFC 9068 section 2.2), at Auth0 `<client id>@clients`.
 * Entra says it by `idtyp`, and by a `sub` that is the `oid`, which no user's is. A token without `sub` is a machine's
 * only where it states the grant. Of any doubt, it is a user's.
 */
export function machineOf({ claims }: Pick<VerifiedUpstreamToken, "claims">): string | undefined {
  const named = CLIENT_CLAIMS.map((name) => claims[name]).filter((value) => value !== undefined);
  const [clientId, ...others] = new Set(named);
  if (typeof clientId !== "string" || clientId === "" || others.length > 0) {
    return undefined;
  }
  if (claims.gty !== undefined && claims.gty !== CLIENT_CREDENTIALS) {
    return undefined;
  }
  const { sub, oid, idtyp } = claims;
  const isEntraApp = idtyp === "app" && typeof sub === "string" && sub === oid;
  const isClient = sub === clientId || sub === `${clientId}@clients` || isEntraApp;
  const isNobody = (sub === undefined || sub === null) && claims.gty === CLIENT_CREDENTIALS;
  return isClient || isNobody ? clientId : undefined;
}
