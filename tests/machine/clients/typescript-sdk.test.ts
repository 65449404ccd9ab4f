import { join } from "node:path";
import { clientFolder } from "./support/journey.ts";
import { readVersion } from "./support/npm.ts";
import { testClient } from "./support/suite.ts";

const PACKAGES = { "1": "@modelcontextprotocol/sdk", "2": "@modelcontextprotocol/client" };

// The versions of this repository's own lockfile.
for (const [major, name] of Object.entries(PACKAGES)) {
  testClient(new URL(`typescript-sdk/cells-${major}.json`, import.meta.url), async () => {
    const manifest = new URL(`../../../node_modules/${name}/package.json`, import.meta.url);
    return {
      program: process.execPath,
      args: [join(clientFolder("typescript-sdk"), "client.mjs"), major],
      version: await readVersion(manifest),
    };
  });
}
