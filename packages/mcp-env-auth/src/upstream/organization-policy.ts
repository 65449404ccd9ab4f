import { identifier, show } from "./provider-values.ts";
import type { OrganizationPolicy, Upstream } from "./upstream.ts";
import { UpstreamTokenError, type UpstreamTokenVerifier, type VerifiedUpstreamToken } from "./upstream-token.ts";

type Claims = Readonly<Record<string, unknown>>;

export interface OrganizationRules {
  /** The claim that names the organization (tenant) by its id, such as `org_id`. */
  readonly claim: string;
  /**
   * A claim beside it that names the organization for people: Auth0's `org_name`. An allowed organization that does not
   * start with `org_` is then compared with this one, in lower case.
   */
  readonly nameClaim?: string | undefined;
  /** The organizations that may use the server; `undefined`: any, and none. */
  readonly allowed: readonly string[] | undefined;
  /** Whether the id tokens of logins name it in the same claim, and so are held to the same. */
  readonly inIdToken: boolean;
}

/** The policy that `rules` describe. */
export function createOrganizationPolicy(rules: OrganizationRules): OrganizationPolicy {
  const { claim, nameClaim, allowed, inIdToken } = rules;

  function isAllowed(found: string, claims: Claims): boolean {
    if (allowed === undefined) {
      return true;
    }
    return allowed.some((organization) =>
      nameClaim === undefined || organization.startsWith("org_")
        ? found === organization
        : text(claims[nameClaim])?.toLowerCase() === organization.toLowerCase(),
    );
  }

  function organizationOf(claims: Claims): string | undefined {
    const named = organizationsIn(claims[claim]);
    if (named.length === 0) {
      if (allowed !== undefined) {
        throw without(rules, claims[claim]);
      }
      return undefined;
    }
    const usable = named.filter((organization) => isAllowed(organization, claims));
    if (usable.length === 1) {
      return usable[0];
    }
    throw usable.length === 0 ? refused(named) : ambiguous(usable);
  }

  return {
    organizationOf,
    checkIdToken(claims) {
      if (inIdToken && claims !== undefined) {
        organizationOf(claims);
      }
    },
  };
}

function without({ claim }: OrganizationRules, found: unknown): UpstreamTokenError {
  const isThere = !(found === undefined || found === null || found === "");
  return new UpstreamTokenError(
    "organization",
    isThere
      ? `This server is for organizations, and the ${show(claim)} claim of the token does not name one by an id: ${show(found)}. Log in through your organization, or ask the operator of this server which claim names it.`
      : `This server is for organizations, and the login was through none (there is no ${show(claim)} claim). Log in through your organization.`,
  );
}

/** One id, a list of ids, or an object whose members are named after them, as at Keycloak. */
function organizationsIn(value: unknown): readonly string[] {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const ids = isObject ? Object.keys(value) : [value].flat();
  return [...new Set(ids.flatMap((id) => identifier(id) ?? []))];
}

function refused(organizations: readonly string[]): UpstreamTokenError {
  const names = organizations.map(show).join(", ");
  return new UpstreamTokenError(
    "organization",
    `The organization ${names} may not use this server. Log in through one that may, or ask the operator of this server.`,
  );
}

function ambiguous(organizations: readonly string[]): UpstreamTokenError {
  const names = organizations.map(show).join(", ");
  return new UpstreamTokenError(
    "organization",
    `The login is for several organizations (${names}), and a token is for one. Log in through one of them.`,
  );
}

/** Holds every token to `policy`, and says which organization it is for. */
export function withOrganization(tokens: UpstreamTokenVerifier, policy: OrganizationPolicy): UpstreamTokenVerifier {
  const judge = (verified: VerifiedUpstreamToken): VerifiedUpstreamToken => {
    const organization = policy.organizationOf(verified.claims);
    return organization === undefined ? verified : { ...verified, organization };
  };
  return {
    ...tokens,
    verify: async (token, login, from) => judge(await tokens.verify(token, login, from)),
    judgeAgain: (verified) => judge(tokens.judgeAgain?.(verified) ?? verified),
  };
}

/** As {@link withOrganization}, for a provider that logs users in. */
export function withOrganizations(upstream: Upstream, organizations: OrganizationPolicy): Upstream {
  return { ...upstream, tokens: withOrganization(upstream.tokens, organizations), organizations };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
