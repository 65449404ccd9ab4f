import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildFolder, clientFolder, install } from "./support/journey.ts";
import { testClient } from "./support/suite.ts";

testClient(new URL("rmcp/cells.json", import.meta.url), async () => {
  const folder = await buildFolder("rmcp");
  await install("cargo", ["build", "--locked", "--quiet", "--target-dir", folder], { cwd: clientFolder("rmcp") });
  const pins = await readFile(join(clientFolder("rmcp"), "Cargo.lock"), "utf8");
  const [, version = ""] = /name = "rmcp"\nversion = "(.*)"/.exec(pins) ?? [];
  return { program: join(folder, "debug/rmcp-client"), args: [], version };
});
