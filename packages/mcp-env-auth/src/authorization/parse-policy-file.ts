import type * as z from "zod";
import { nearest } from "../lib/nearest.ts";
import { jsonPath, type LostMember, lostMembers } from "./json-text.ts";
import type { PolicyFile } from "./policy-file.ts";
import { POLICY_FIELDS, policyFileSchema, QUOTA_FIELDS, RULE_FIELDS } from "./policy-file-schema.ts";

/** A policy, or all that is wrong with its text: sentences that begin with a path, such as `$.tools.save_place`. */
export type ParsedPolicy =
  | { readonly policy: PolicyFile; readonly problems: readonly [] }
  | { readonly policy: undefined; readonly problems: readonly string[] };

/** Reads a policy from the text of its file. */
export function parsePolicyFile(text: string): ParsedPolicy {
  const document = parseJson(text);
  if ("problem" in document) {
    return { policy: undefined, problems: [document.problem] };
  }
  const lost = lostMembers(text).map(describeLost);
  const { success, data, error } = policyFileSchema.safeParse(document.value);
  if (success && lost.length === 0) {
    return { policy: data, problems: [] };
  }
  return { policy: undefined, problems: [...lost, ...(error?.issues ?? []).flatMap(describeIssue)] };
}

function parseJson(text: string): { readonly value: unknown } | { readonly problem: string } {
  try {
    return { value: JSON.parse(text) };
  } catch {
    const comments = /(?:^|\s)\/[/*]/.test(text) ? " It seems to hold comments, which JSON has none of." : "";
    return { problem: `$ is no JSON.${text.trim() === "" ? " The file is empty." : comments}` };
  }
}

function describeLost({ path, reason }: LostMember): string {
  return reason === "repeated"
    ? `${path} stands there more than once, and only one of them would count. Put all of it into one.`
    : `${path} is a name that nothing can have.`;
}

function describeIssue(issue: z.core.$ZodIssue): string[] {
  const path = jsonPath(issue.path);
  if (issue.code !== "unrecognized_keys") {
    return [`${path} ${issue.message}.`];
  }
  const known: readonly string[] = knownFields(issue.path);
  return issue.keys.map((key) => {
    const meant = known.find((field) => isOtherSpelling(key, field)) ?? nearest(key, known);
    const advice = meant === undefined ? `There are ${known.join(", ")}.` : `Did you mean ${meant}?`;
    return `${jsonPath([...issue.path, key])} is no field. ${advice}`;
  });
}

function knownFields([section]: readonly PropertyKey[]): readonly string[] {
  if (section === undefined) {
    return POLICY_FIELDS;
  }
  return section === "quotas" ? QUOTA_FIELDS : RULE_FIELDS;
}

/** `requiredRoles` and `role` for `roles`: as in code, or of one. */
function isOtherSpelling(key: string, field: string): boolean {
  const plain = key.replace(/^required|^any/i, "").toLowerCase();
  return plain !== "" && (plain === field.toLowerCase() || `${plain}s` === field.toLowerCase());
}
