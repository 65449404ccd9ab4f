import { join } from "node:path";
import { nodeProgram } from "../../../scripts/support/programs.mjs";
import { clientFolder } from "./support/journey.ts";
import { installNpm, npmVersion } from "./support/npm.ts";
import { testClient } from "./support/suite.ts";

testClient(new URL("ai-sdk/cells.json", import.meta.url), async () => {
  const folder = await installNpm("ai-sdk");
  return {
    // Version 20 is too old for it.
    program: nodeProgram("22"),
    args: [join(clientFolder("ai-sdk"), "client.mjs"), folder],
    version: await npmVersion(folder, "@ai-sdk/mcp"),
  };
});
