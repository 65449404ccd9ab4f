import type { CliContext } from "../command.ts";
import { checks, offlineChecks } from "./checks.ts";
import { createFacts } from "./facts.ts";
import type { Finding } from "./finding.ts";

export interface DiagnosisOptions {
  /** Nothing is asked over the network. */
  readonly offline: boolean;
  /** Also the check `production`. Default false. */
  readonly production?: boolean | undefined;
  /** The names of the checks to run; default: all. */
  readonly only?: readonly string[] | undefined;
}

/** Runs the checks in order, and gives each finding as soon as its check is done. */
export async function* diagnose(
  { offline, production = false, only }: DiagnosisOptions,
  context: Pick<CliContext, "env" | "cwd" | "clock">,
): AsyncGenerator<Finding, void, void> {
  const facts = createFacts({ offline, production }, context);
  const chosen = (offline ? offlineChecks : checks).filter(({ name }) => only?.includes(name) ?? true);
  for (const { name, run } of chosen) {
    for (const observation of await run(facts)) {
      facts.told.push(observation);
      yield { check: name, ...observation };
    }
  }
}
