import { join } from "node:path";
import { clientFolder } from "./support/journey.ts";
import { installPython, pythonVersion } from "./support/python.ts";
import { testClient } from "./support/suite.ts";

for (const major of ["1", "2"]) {
  testClient(new URL(`python-sdk/cells-${major}.json`, import.meta.url), async () => {
    const pins = new URL(`python-sdk/mcp-${major}.txt`, import.meta.url);
    const program = await installPython(`python-sdk-${major}`, pins);
    return {
      program,
      args: [join(clientFolder("python-sdk"), "client.py")],
      version: pythonVersion(program, "mcp"),
    };
  });
}
