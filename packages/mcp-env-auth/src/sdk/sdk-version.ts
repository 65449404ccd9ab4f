import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The MCP SDK's server package. */
export const SDK_PACKAGE = "@modelcontextprotocol/server";

/**
 * The versions of the SDK that `contract.test.ts` passed with. It fails with any other: add a version when all else
 * passes.
 */
export const TESTED_SDK_VERSIONS: readonly string[] = ["2.4.0"];

/**
 * The version of the SDK that is loaded here; `undefined` where its `package.json` can't be found, as in a program that
 * was bundled into one file.
 */
export function installedSdkVersion(): string | undefined {
  try {
    // The package does not export its package.json.
    let folder = dirname(createRequire(import.meta.url).resolve(SDK_PACKAGE));
    for (;;) {
      const version = versionIn(folder);
      const parent = dirname(folder);
      if (version !== undefined || parent === folder) {
        return version;
      }
      folder = parent;
    }
  } catch {
    return undefined;
  }
}

function versionIn(folder: string): string | undefined {
  try {
    const found: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const { name, version } = found as { name?: unknown; version?: unknown };
    return name === SDK_PACKAGE && typeof version === "string" ? version : undefined;
  } catch {
    return undefined;
  }
}
