import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, it } from "vitest";
import { deploy } from "./deployment.ts";
import { inspectConfiguration, registerClient, useClient } from "./inspect-configuration.ts";
import {
  configurationNames,
  envFileOf,
  RECORDED_COMMIT,
  RECORDED_FOLDER,
  type RecordedConfiguration,
  readArtifacts,
} from "./recorded.ts";
import { Recorder } from "./recorder.ts";
import { ENVIRONMENTS } from "./recordings.ts";

const folder = join(RECORDED_FOLDER, "artifacts");
requireRecordedCommit();
// Fails where there is a recording: another one would take the place of what clients really hold.
mkdirSync(folder);

it.each(Object.entries(ENVIRONMENTS))("records %s", async (environment, recordings) => {
  const recorder = new Recorder(environment, await deploy(envFileOf("environments", environment)));
  for (const record of recordings) {
    await record(recorder);
  }
  const artifacts = await recorder.finish();
  writeFileSync(join(folder, `${environment}.json`), `${JSON.stringify(artifacts, null, 2)}\n`);
});

const configurations: RecordedConfiguration[] = [];

it.each(configurationNames())("records the configuration %s", async (name) => {
  const { server, close } = await deploy(envFileOf("configurations", name));
  const id = await registerClient(server);
  const essentials = await inspectConfiguration(server);
  const client = id === undefined ? {} : { client: { id, outcome: await useClient(server, id) } };
  configurations.push({ name, essentials, ...client });
  await close();
});

afterAll(() => {
  writeFileSync(join(RECORDED_FOLDER, "configurations.json"), `${JSON.stringify(configurations, null, 2)}\n`);

  const names = readArtifacts().map(({ name }) => name);
  writeFileSync(join(RECORDED_FOLDER, "artifacts.txt"), `${names.sort().join("\n")}\n`);
});

/** Only the product of that commit may be recorded as its product. */
function requireRecordedCommit(): void {
  try {
    execFileSync("git", ["diff", "--quiet", RECORDED_COMMIT, "--", "packages"]);
  } catch {
    throw new Error(`packages/ differs from ${RECORDED_COMMIT}. Check that commit out, and build it, to record it.`);
  }
}
