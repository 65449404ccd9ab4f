import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { clientFolder } from "./support/journey.ts";
import { installNpm, npmVersion } from "./support/npm.ts";
import { testClient } from "./support/suite.ts";

testClient(new URL("codex/cells.json", import.meta.url), async () => {
  const folder = await installNpm("codex");
  return {
    program: process.execPath,
    args: [join(clientFolder("codex"), "client.mjs"), await findProgram(folder)],
    version: await npmVersion(folder, "@openai/codex"),
  };
});

/** The package for this platform has the program itself: its launcher would leave it running when it is killed. */
async function findProgram(folder: string): Promise<string> {
  const vendor = join(folder, `node_modules/@openai/codex-${process.platform}-${process.arch}/vendor`);
  const [target] = await readdir(vendor);
  return join(vendor, target ?? "", "bin/codex");
}
