import type { AccessToken, TokenVerifier } from "../access-token.ts";

/** Adds the user's roles to what `verifier` finds, from the claim that `claim` names. */
export function withRoles(verifier: TokenVerifier, claim: string): TokenVerifier {
  // A verifier that knows a token gives the same object again; so does this.
  const known = new WeakMap<AccessToken, AccessToken>();
  return {
    async verify(bearer, from) {
      const token = await verifier.verify(bearer, from);
      const found = known.get(token);
      if (found !== undefined) {
        return found;
      }
      const complete = Object.freeze({ ...token, roles: Object.freeze(rolesIn(token.claims, claim)) });
      known.set(token, complete);
      return complete;
    },
  };
}

/**
 * The roles in a claim: a list of strings, one string, which is one role, or an object with an object for each role, as
 * at Zitadel. Anything else is none.
 *
 * @param name the claim's exact name (`https://example.com/roles`), or, where the token has none of that name, the way
 * to it through objects (`realm_access.roles`).
 */
export function rolesIn(claims: Readonly<Record<string, unknown>>, name: string): string[] {
  const claim = Object.hasOwn(claims, name) ? claims[name] : follow(claims, name.split("."));
  const roles = isObject(claim) ? Object.keys(claim).filter((role) => isObject(claim[role])) : [claim].flat();
  return roles.filter((role): role is string => typeof role === "string" && role !== "");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function follow(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const step of path) {
    if (!isObject(current) || !Object.hasOwn(current, step)) {
      return undefined;
    }
    current = current[step];
  }
  return current;
}
