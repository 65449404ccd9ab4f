import { identifier } from "./provider-values.ts";
import { DEFAULT_SUBJECT_CLAIM, type SubjectRules } from "./subject-rules.ts";
import type { VerifiedUpstreamToken } from "./upstream-token.ts";

type Claims = Readonly<Record<string, unknown>>;

/**
 * Claims that name the client that a token was issued to (RFC 9068 section 2.2, OpenID Connect Core 1.0 section 2,
 * Okta).
 */
const CLIENT_CLAIMS = ["client_id", "azp", "cid"] as const;

/** How claims say that no user was there: `gty` at Auth0. */
const CLIENT_CREDENTIALS = "client-credentials";

/**
 * Whether a token that `clientId` got for its own credentials just now can be its: providers give service accounts and
 * agents subjects of their own (Keycloak, Spring, Zitadel, Auth0). A token that names clients must name this one. One
 * that says its subject is a user, or that somebody acts for its subject (RFC 8693 section 4.1), is nobody's own. Where
 * it states neither that nor its grant, it must not name a user by the connection that they logged in through
 * (`auth0|…`).
 */
export function canBeOf(clientId: string, { claims }: Pick<VerifiedUpstreamToken, "claims">): boolean {
  const { sub, gty, act } = claims;
  const statesKind = gty !== undefined || subjectKind(claims) === "machine";
  const namesUser = typeof sub === "string" && !statesKind && /^[\w-]+\|/.test(sub);
  const isForSomebody = namesUser || subjectKind(claims) === "user" || !isAbsent(act);
  return !isForSomebody && clientsIn(claims).every((client) => client === clientId);
}

/**
 * What claims say that their subject is (`sub_profile`, OAuth Actor Profile for Delegation): Auth0 writes `ai_agent`
 * for an agent, whose id is in `sub` and is no client's.
 */
export function subjectKind({ sub_profile: profile }: Claims): "user" | "machine" | undefined {
  const kinds = [profile].flat().flatMap((kind) => (typeof kind === "string" ? kind.split(" ") : []));
  const stated = kinds.filter((kind) => kind !== "");
  if (stated.length === 0) {
    return undefined;
  }
  return stated.includes("user") ? "user" : "machine";
}

/** Whether claims say that nobody logged in for them, so that whatever `sub` names is no user. */
export function isOfMachine(claims: Claims): boolean {
  return subjectKind(claims) !== "user" && (claims.gty === CLIENT_CREDENTIALS || subjectKind(claims) === "machine");
}

/** The only client that claims name, in whichever of the usual claims. */
export function soleClientIn(claims: Claims): string | undefined {
  const [clientId, ...others] = new Set(clientsIn(claims));
  return others.length > 0 ? undefined : clientId;
}

/** The client that claims name first, in any of the usual claims. */
export function clientIn(claims: Claims): string | undefined {
  return clientsIn(claims).find((client) => client !== undefined);
}

/**
 * The client that a token stands for, when it stands for a client and no user: issued by the client credentials grant,
 * its `sub` is the client itself (RFC 9068 section 2.2), at Auth0 `<client id>@clients`. Entra says it by `idtyp`, and
 * by a `sub` that is the `oid`, which no user's is. A token without `sub` is a machine's only where it states the
 * grant, and so is one that has the claim that `rules` name users by. Of any doubt, it is a user's.
 */
export function machineOf(
  { claims }: Pick<VerifiedUpstreamToken, "claims">,
  rules: SubjectRules = {},
): string | undefined {
  const clientId = soleClientIn(claims);
  if (clientId === undefined || subjectKind(claims) === "user") {
    return undefined;
  }
  const { gty } = claims;
  if (gty !== undefined && gty !== null && gty !== CLIENT_CREDENTIALS) {
    return undefined;
  }
  const sub = identifier(claims.sub);
  const isClient = sub === clientId || sub === `${clientId}@clients`;
  const statesGrant = gty === CLIENT_CREDENTIALS;
  if (isEntraApp(claims) || (isClient && (statesGrant || !namesUser(claims, rules)))) {
    return clientId;
  }
  return statesGrant && isAbsent(claims.sub) ? clientId : undefined;
}

/** Whether claims describe an application at Entra, whichever it is: its `sub` names no person. */
export function isEntraApp({ idtyp, sub, oid }: Claims): boolean {
  return idtyp === "app" && identifier(sub) !== undefined && identifier(sub) === identifier(oid);
}

/** `undefined` for each that is stated and identifies no client. */
function clientsIn(claims: Claims): readonly (string | undefined)[] {
  return CLIENT_CLAIMS.map((name) => claims[name])
    .filter((value) => !isAbsent(value))
    .map(identifier);
}

/** Whether the claim is there that the configuration names users by, which a machine's token may lack. */
function namesUser(claims: Claims, { claim = DEFAULT_SUBJECT_CLAIM }: SubjectRules): boolean {
  return claim !== DEFAULT_SUBJECT_CLAIM && Object.hasOwn(claims, claim) && !isAbsent(claims[claim]);
}

/** Some providers send `null` for what is absent. */
function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
