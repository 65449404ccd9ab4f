import { expandPath, MAX_FILE_BYTES, readTextFile, UnreadableFile } from "../env/text-file.ts";
import type { ConfigProblem } from "../errors.ts";
import { parsePolicyFile } from "./parse-policy-file.ts";
import { type PolicyFile, policyProblem } from "./policy-file.ts";

/** What FASTMCP_AUTHORIZATION_FILE gives. */
export interface PolicyReading {
  /** `undefined`: none is named, or it can't be used. */
  readonly policy: PolicyFile | undefined;
  readonly problems: readonly ConfigProblem[];
}

/**
 * Reads the policy in `file` once: at most 1 MiB of UTF-8. What becomes of the file later has no effect until the next
 * start.
 *
 * @param file as FASTMCP_AUTHORIZATION_FILE names it; `undefined`: it names none.
 */
export function readPolicyFile(file: string | undefined, cwd: string): PolicyReading {
  if (file === undefined) {
    return { policy: undefined, problems: [] };
  }
  const path = expandPath(file, cwd);
  try {
    const { policy, problems } = parsePolicyFile(readTextFile(path, MAX_FILE_BYTES));
    return { policy, problems: problems.map((problem) => policyProblem(problem)) };
  } catch (error) {
    if (!(error instanceof UnreadableFile)) {
      throw error;
    }
    return { policy: undefined, problems: [policyProblem(`names the file ${path}, which ${error.message}.`)] };
  }
}
