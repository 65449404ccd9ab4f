import { POLICY_SECTIONS, rulesOf } from "../../authorization/policy-file.ts";
import type { Configuration } from "../../configuration/load-configuration.ts";
import type { AuthProvider } from "../../providers/auth-provider.ts";
import { failure, type Observation, ok } from "./finding.ts";

/**
 * What FASTMCP_AUTHORIZATION_FILE asks for, as far as it shows without the server's code. What is wrong with the file
 * itself is told of its variable.
 */
export function checkPolicy({
  policy,
  settings,
  provider,
}: Pick<Configuration, "policy" | "settings"> & { readonly provider: AuthProvider }): Observation[] {
  if (policy === undefined) {
    return [];
  }
  const rules = rulesOf(policy);
  const problems: Observation[] = [];
  if (rules.some(({ roles }) => roles !== undefined) && !provider.roles?.claim) {
    const setting = provider.roles?.setting;
    problems.push(
      failure(
        `${settings.authorizationFile} asks for roles, and nothing says which claim of the access token lists a user's.`,
        setting === undefined
          ? "Leave them out: this provider's tokens name none."
          : `Set ${setting}, such as https://example.com/roles`,
      ),
    );
  }
  if (rules.some(({ organizations }) => organizations !== undefined) && provider.namesOrganizations === false) {
    problems.push(
      failure(
        `${settings.authorizationFile} asks for organizations, and this provider's tokens name none.`,
        "Leave them out, or use another provider.",
      ),
    );
  }
  if (rules.some(({ permissions }) => permissions !== undefined) && provider.namesPermissions === false) {
    problems.push(
      failure(
        `${settings.authorizationFile} asks for permissions, and this provider tells none of its users.`,
        "Ask for scopes in their place, or use another provider.",
      ),
    );
  }
  if (problems.length > 0) {
    return problems;
  }
  const sections = POLICY_SECTIONS.flatMap((section) => {
    const count = Object.keys(policy[section] ?? {}).length;
    return count === 0 ? [] : [`${count} of ${section}`];
  });
  const { perUser, perClient } = policy.quotas ?? {};
  const quotas = [
    ...(perUser === undefined ? [] : [`${perUser} requests a minute for each user`]),
    ...(perClient === undefined ? [] : [`${perClient} for each client`]),
  ];
  const holds = [
    ...(sections.length === 0 ? [] : [`rules: ${sections.join(", ")}`]),
    ...(quotas.length === 0 ? [] : [`quotas: ${quotas.join(", ")}`]),
  ];
  const what = holds.length === 0 ? "asks for nothing." : `holds ${holds.join("; ")}.`;
  const names = sections.length === 0 ? "" : " Whether the names are registered shows when the server starts.";
  return [ok(`${settings.authorizationFile} ${what}${names}`)];
}
