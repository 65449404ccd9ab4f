import type { ConfigProblem } from "../../errors.ts";

/** Settings that name a claim, of what users have in common. */
const SHARED = ["organizationClaim", "organizationNameClaim", "rolesClaim"] as const;

/** What is wrong where a claim is to identify a user and by another setting says something else. */
export function checkSubjectClaim(
  settings: Readonly<Record<string, unknown>>,
  nameOf: (setting: string) => string,
): readonly ConfigProblem[] {
  const { subjectClaim } = settings;
  return SHARED.filter((name) => subjectClaim !== undefined && settings[name] === subjectClaim).map((name) => ({
    variable: nameOf("subjectClaim"),
    message: `is the claim of ${nameOf(name)}, which does not identify a user. Name a claim such as username.`,
  }));
}
