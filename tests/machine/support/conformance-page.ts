import type { Scenario } from "./conformance.ts";

/** One run of the suite, for the page. */
export interface Section {
  readonly title: string;
  /** What was run, for those who read the numbers. */
  readonly about: string;
  readonly scenarios: readonly Scenario[];
  /** The suite's own; `null` for a run that was killed. */
  readonly exitCode: number | null;
}

/** docs/conformance.md: the numbers, and a line for each scenario. */
export function renderConformancePage(suiteVersion: string, sections: readonly Section[]): string {
  const lines = [
    "# Conformance",
    "",
    `What \`@modelcontextprotocol/conformance\` ${suiteVersion}, the protocol's own suite, says. \`npm run test:machine\` runs it and fails where this page says anything else; \`npm run test:machine -- conformance --update\` writes it.`,
    "",
    "| suite | required scenarios that pass | exit code | warnings | not scored |",
    "|---|---|---|---|---|",
    ...sections.map(({ title, scenarios, exitCode }) => {
      const required = scenarios.filter(({ notScored }) => notScored === undefined);
      const passing = required.filter(({ passes }) => passes).length;
      const warnings = scenarios.flatMap((scenario) => scenario.warnings).length;
      const others = scenarios.length - required.length;
      return `| ${title} | ${passing} of ${required.length} | ${exitCode} | ${warnings} | ${others} |`;
    }),
    "",
    "The suite's exit code is 0 when every required scenario passes. A warning is about what the protocol recommends, and changes no exit code; the tables below name each. Scenarios of extensions, and those that the suite added after the revision, are not scored.",
    ...sections.flatMap(renderSection),
  ];
  return `${lines.join("\n")}\n`;
}

function renderSection({ title, about, scenarios }: Section): string[] {
  return [
    "",
    `## ${title[0]?.toUpperCase()}${title.slice(1)}`,
    "",
    about,
    "",
    "| scenario | | |",
    "|---|---|---|",
    ...scenarios.map((scenario) => {
      const { name, notScored, warnings } = scenario;
      const remarks = [
        ...(warnings.length > 0 ? [`warns: ${warnings.join(", ")}`] : []),
        ...(notScored === undefined ? [] : [`not required (${notScored})`]),
      ];
      return `| ${name} | ${verdict(scenario)} | ${remarks.join("; ")} |`;
    }),
  ];
}

// The numbers of checks are left out: they depend on how fast each side was.
function verdict({ passes, passed, failed }: Scenario): string {
  if (passed + failed === 0) {
    return "no verdict";
  }
  return passes ? "passes" : "fails";
}
