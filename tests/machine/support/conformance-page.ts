import type { Scenario } from "./conformance.ts";

/** One run of the suite, for the page. */
export interface Section {
  readonly title: string;
  /** What was run, for those who read the numbers. */
  readonly about: string;
  readonly scenarios: readonly Scenario[];
  /** Why scenarios that count fail, by name. */
  readonly knownFailures: Readonly<Record<string, string>>;
}

/** docs/conformance.md: the numbers, and a line for each scenario. */
export function renderConformancePage(suiteVersion: string, sections: readonly Section[]): string {
  const lines = [
    "# Conformance",
    "",
    `What \`@modelcontextprotocol/conformance\` ${suiteVersion}, the protocol's own suite, says. \`npm run test:machine\` runs it and fails where this page says anything else; \`npm run test:machine -- conformance --update\` writes it.`,
    "",
    "| suite | required scenarios that pass | checks in them that pass |",
    "|---|---|---|",
    ...sections.map(({ title, scenarios }) => {
      const required = scenarios.filter(({ notScored }) => notScored === undefined);
      const good = required.filter(passes);
      const passed = sum(required.map((scenario) => scenario.passed));
      const total = passed + sum(required.map((scenario) => scenario.failed));
      return `| ${title} | ${good.length} of ${required.length} | ${passed} of ${total} |`;
    }),
    ...sections.flatMap(renderSection),
  ];
  return `${lines.join("\n")}\n`;
}

function renderSection({ title, about, scenarios, knownFailures }: Section): string[] {
  return [
    "",
    `## ${title[0]?.toUpperCase()}${title.slice(1)}`,
    "",
    about,
    "",
    "| scenario | checks | |",
    "|---|---|---|",
    ...scenarios.map((scenario) => {
      const { name, passed, failed, notScored } = scenario;
      const remarks = [
        knownFailures[name] ?? (passes(scenario) ? undefined : "fails"),
        notScored === undefined ? undefined : `not required (${notScored})`,
      ];
      const checks = passed + failed === 0 ? "no verdict" : `${passed} of ${passed + failed}`;
      return `| ${name} | ${checks} | ${remarks.filter((remark) => remark !== undefined).join("; ")} |`;
    }),
  ];
}

function passes({ failed }: Scenario): boolean {
  return failed === 0;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
