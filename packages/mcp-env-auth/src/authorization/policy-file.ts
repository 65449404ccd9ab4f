import type * as z from "zod";
import type { ConfigProblem } from "../errors.ts";
import type { policyFileSchema, ruleSchema } from "./policy-file-schema.ts";

/** A policy of the deployer's: it adds to what code asks for, and takes nothing away. */
export type PolicyFile = z.infer<typeof policyFileSchema>;

/** What a policy asks for of one registration, or of all of a kind. */
export type PolicyRule = z.infer<typeof ruleSchema>;

/** The parts of a policy that hold rules. */
export const POLICY_SECTIONS = ["tools", "resources", "resourceTemplates", "prompts"] as const;

/** All rules of a policy, whatever they are about. */
export function rulesOf(policy: PolicyFile | undefined): readonly PolicyRule[] {
  return POLICY_SECTIONS.flatMap((section) => Object.values(policy?.[section] ?? {}));
}

/** The lower of two limits, of which 0 and `undefined` are none. */
export function lowerLimit(set: number, ofPolicy: number | undefined): number {
  return set === 0 || ofPolicy === undefined ? (ofPolicy ?? set) : Math.min(set, ofPolicy);
}

/** For every registration of a kind. */
export const EVERY = "*";

/** Names the file, relative to the working directory. */
export const POLICY_VARIABLE = "FASTMCP_AUTHORIZATION_FILE";

/** What is wrong with the policy, under the name of its variable. */
export function policyProblem(message: string): ConfigProblem {
  return { variable: POLICY_VARIABLE, message };
}
