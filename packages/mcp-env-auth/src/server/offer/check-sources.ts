import type { AccessRule } from "../../authorization/access-rule.ts";
import type { ConfigProblem } from "../../errors.ts";
import type { AuthProvider } from "../../providers/auth-provider.ts";

/** Who has which role or permission and is in which organization must be known where one is required. */
export function checkSources(
  ruled: readonly { readonly name: string; readonly rule: AccessRule }[],
  { roles, namesOrganizations, namesPermissions }: AuthProvider,
): ConfigProblem[] {
  const namesOf = (field: "requiredPermissions" | "requiredRoles" | "requiredOrganizations") =>
    ruled
      .filter(({ rule }) => rule[field].length > 0)
      .map(({ name }) => name)
      .join(", ");
  const problems: ConfigProblem[] = [];
  const byRole = namesOf("requiredRoles");
  if (byRole !== "" && !roles?.claim) {
    problems.push(describeUnknownRoles(byRole, roles));
  }
  const byPermission = namesOf("requiredPermissions");
  if (byPermission !== "" && namesPermissions === false) {
    problems.push({
      message: `${byPermission}: required permissions can't be enforced, since this provider tells none of its users. Ask for scopes in their place, decide with authorize, or use another provider.`,
    });
  }
  const byOrganization = namesOf("requiredOrganizations");
  if (byOrganization !== "" && namesOrganizations === false) {
    problems.push({
      message: `${byOrganization}: required organizations can't be enforced, since this provider's tokens name none. Remove them, or use another provider.`,
    });
  }
  return problems;
}

function describeUnknownRoles(names: string, roles: AuthProvider["roles"]): ConfigProblem {
  const what = `${names}: required roles can't be enforced, since nothing says which claim of the access token lists the user's roles.`;
  return roles === undefined
    ? { message: `${what} This provider says nothing of roles: give it \`roles\`, or remove them.` }
    : { variable: roles.setting, message: `is not set. ${what} Example: https://example.com/roles` };
}
