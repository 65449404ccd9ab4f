import { join } from "node:path";
import { packageFile } from "../../../scripts/support/programs.mjs";
import { clientFolder } from "./support/journey.ts";
import { readVersion } from "./support/npm.ts";
import { testClient } from "./support/suite.ts";

testClient(new URL("mcp-remote/cells.json", import.meta.url), async () => ({
  program: process.execPath,
  args: [join(clientFolder("mcp-remote"), "client.mjs"), packageFile("mcp-remote", "dist/proxy.js")],
  version: await readVersion(packageFile("mcp-remote", "package.json")),
}));
