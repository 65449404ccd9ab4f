import type { SubjectRules } from "../../upstream/subject-rules.ts";
import { type Observation, ok, warning } from "./finding.ts";
import type { Subject } from "./subject.ts";

export interface SubjectSource {
  readonly issuer: string | undefined;
  /** `claims_supported` of the provider. */
  readonly claimsSupported?: readonly string[] | undefined;
  readonly rules: SubjectRules | undefined;
}

/**
 * Whether tokens will say whose they are, as far as that shows before a login: by `claims_supported`, and at Keycloak,
 * whose access tokens have no `sub` without a client scope. Nothing where there is nothing to look at.
 */
export function checkSubject(
  { issuer, claimsSupported = [], rules }: SubjectSource,
  { nameOf }: Subject,
): Observation[] {
  const claim = rules?.claim ?? "sub";
  if (claimsSupported.length > 0 && !claimsSupported.includes(claim) && !rules?.unlisted) {
    return [
      warning(
        `The provider does not list the claim ${claim} among those that it supports. Tokens without it are refused.`,
        `Set ${nameOf("subjectClaim")} to a claim that is unique to each user.`,
      ),
    ];
  }
  if (claim !== "sub" || issuer === undefined || !/\/realms\/[^/]+\/?$/.test(issuer)) {
    return [];
  }
  return [
    ok(
      'Users are identified by sub. Keycloak puts it into access tokens only with the client scope "basic", or with a mapper of type Subject (sub) in a scope that clients ask for. Check a token with doctor --token.',
    ),
  ];
}
