import type { ConfigProblem } from "../errors.ts";

/** Names the file, relative to the working directory. */
export const POLICY_VARIABLE = "FASTMCP_AUTHORIZATION_FILE";

/** What is wrong with the policy, under the name of its variable. */
export function policyProblem(message: string): ConfigProblem {
  return { variable: POLICY_VARIABLE, message };
}
