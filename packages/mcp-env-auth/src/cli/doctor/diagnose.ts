import type { CliContext } from "../cli-context.ts";
import { checks, offlineChecks } from "./checks.ts";
import { createFacts } from "./facts.ts";
import type { Finding } from "./finding.ts";

export interface DiagnosisOptions {
  /** Nothing is asked over the network. */
  readonly offline: boolean;
}

/** Runs the checks in order, and gives each finding as soon as its check is done. */
export async function* diagnose(
  { offline }: DiagnosisOptions,
  context: Pick<CliContext, "env" | "cwd" | "clock">,
): AsyncGenerator<Finding, void, void> {
  const facts = createFacts(offline, context);
  for (const { name, run } of offline ? offlineChecks : checks) {
    for (const observation of await run(facts)) {
      yield { check: name, ...observation };
    }
  }
}
