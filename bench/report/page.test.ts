import { expect, it } from "vitest";
import { callCase } from "../measure/calls.mjs";
import { readOptions } from "../options.mjs";
import { SUBJECTS } from "../subjects.mjs";
import { formatPage } from "./page.mjs";
import { checkTargets } from "./targets.mjs";
import { formatText } from "./text.mjs";

const values = (cpu: number) => ({
  cpu,
  ...{ capacity: 1e6 / cpu, rate: 1000, p50: 1.25, p99: 9, memory: 100e6, serverBusy: 0.5, loadBusy: 0.1 },
});
const what = callCase({ era: "2026-07-28", tools: 10, connections: 16 });
const samples = [
  { subject: "floor", what, round: 1, values: values(100) },
  { subject: "ours-sealed", what, round: 1, values: values(420) },
  { subject: "create-mcp-auth0-server", what: "A new project", round: 1, values: { milliseconds: 321.4 } },
];
const run = {
  machine: {
    cores: 2,
    processor: "A processor",
    memory: 8,
    system: "linux x64",
    node: "20.0.0",
    sdk: "2.4.0",
    pinned: true,
    priority: false,
    peers: ["npm fastmcp 4.0.0"],
  },
  earlier: [],
  startedAt: "2026-11-25T23:00:00.000Z",
  options: readOptions(["--rounds", "5"]),
  subjects: SUBJECTS,
  samples,
  failures: [{ part: "installation" as const, subject: "mcp-use", reason: "npm could not install it." }],
  targets: checkTargets(samples),
};

it("puts ratios before what they are of, and leaves out what was not measured", () => {
  const page = formatPage(run);
  expect(page).toContain(
    "| node:http and an RS256 check, no MCP | 1.00 | 100 | 10000 | 1000 | 1.3 | 9.0 | 100 | 50 | 10 |",
  );
  expect(page).toContain("| mcp-env-auth, Auth0Provider (sealed token) | 4.20 | 420 |");
  expect(page).toContain("321 ms");
  expect(page).not.toContain("SDK v2 on Express, without auth");
  expect(page).not.toContain("## Logins");
});

it("says which targets were met and missed, and on what machine", () => {
  const page = formatPage(run);
  expect(page).toContain("| CPU of a call, 2026-07-28, sealed token / floor | 4.20 | at most 3.5 | **missed** |");
  expect(page).toContain("2 cores (A processor), 8 GiB, linux x64");
  expect(page).toContain("| rounds | 1,");
  expect(formatPage({ ...run, machine: { ...run.machine, pinned: false } })).toContain("could not be pinned");
});

it("says how many runs it is from, and which of them came before other work", () => {
  const first = { ...run.machine, priority: true };
  expect(formatPage(run)).not.toMatch(/from \d runs|before other work/);
  expect(formatPage({ ...run, machine: first })).toContain("; before other work on the machine |");
  const joined = formatPage({ ...run, machine: first, earlier: [first, run.machine] });
  expect(joined).toContain("from 3 runs");
  expect(joined).toContain("before other work on the machine in 2 of the 3 runs |");
});

it("says what could not be measured, and which revision a server does not serve", () => {
  const page = formatPage(run);
  expect(page).toContain("- mcp-use, installation: npm could not install it.");
  expect(page).toContain("- npm fastmcp, stateless, its documented JWT check, made once: serves 2025-11-25 only.");
});

it("writes the same for a terminal", () => {
  const text = formatText(run);
  expect(text).toMatch(/ours-sealed +420 +4\.20/);
  expect(text).toContain("MISSED CPU of a call, 2026-07-28, sealed token / floor: 4.20 (at most 3.5)");
  expect(text).toContain("Not measured: installation of mcp-use");
});
