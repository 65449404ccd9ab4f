// npm run bench: measures this project's servers beside others, in one run.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setup } from "../scripts/support/setup.mjs";
import { readOptions, USAGE } from "./options.mjs";

setup();
// What follows needs what setup() has installed and built.
const { startDevAuth0 } = await import("dev-auth0");
const { takeCores } = await import("./machine/cores.mjs");
const { describeMachine } = await import("./machine/describe-machine.mjs");
const { measureAll } = await import("./measure-all.mjs");
const { installPeers } = await import("./peers.mjs");
const { checkRegression } = await import("./regression.mjs");
const { writePage } = await import("./report/page.mjs");
const { checkTargets } = await import("./report/targets.mjs");
const { formatText } = await import("./report/text.mjs");
const { SUBJECTS, oursAgainst } = await import("./subjects.mjs");

process.exitCode = await main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  return 2;
});

async function main() {
  const options = readOptions(process.argv.slice(2));
  const all = [...SUBJECTS, ...(options.against === undefined ? [] : oursAgainst(options.against))];
  if (options.run === "help") {
    console.log(USAGE);
    return 0;
  }
  if (options.run === "list") {
    for (const { id, title } of all) console.log(`${id.padEnd(16)}${title}`);
    return 0;
  }
  const unknown = options.only?.find((id) => all.every((subject) => subject.id !== id));
  if (unknown !== undefined) throw new Error(`There is no server "${unknown}". --list says which there are.`);
  const wanted = all.filter(({ id, peer }) => options.only?.includes(id) ?? (options.peers || peer === undefined));

  const cores = takeCores();
  const home = mkdtempSync(join(tmpdir(), "bench-"));
  const auth0 = await startDevAuth0();
  const stage = { cores, auth0, home };
  try {
    if (options.run === "regression") return await checkRegression(stage, options);
    const { subjects, unavailable } = await installPeers(wanted);
    const machine = describeMachine(cores);
    const startedAt = new Date();
    const { samples, failures } = await measureAll(subjects, stage, options);
    const targets = checkTargets(samples);
    const run = {
      machine,
      startedAt: startedAt.toISOString(),
      options,
      subjects,
      samples,
      failures: [...unavailable, ...failures],
      targets,
    };
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(run, null, 2)}\n`);
    if (options.write) writePage(run);
    console.log(formatText(run));
    return options.check && targets.some(({ met }) => met === false) ? 1 : 0;
  } finally {
    await auth0.close();
    rmSync(home, { recursive: true, force: true });
  }
}
