import { join } from "node:path";
import { clientFolder } from "./support/journey.ts";
import { installNpm, npmVersion } from "./support/npm.ts";
import { testClient } from "./support/suite.ts";

// The package that has the program for Linux on x64. Its launcher would leave it running when it is killed.
const PACKAGE = "opencode-linux-x64";

testClient(new URL("opencode/cells.json", import.meta.url), async () => {
  const folder = await installNpm("opencode");
  return {
    program: process.execPath,
    args: [join(clientFolder("opencode"), "client.mjs"), join(folder, "node_modules", PACKAGE, "bin/opencode")],
    version: await npmVersion(folder, PACKAGE),
  };
});
