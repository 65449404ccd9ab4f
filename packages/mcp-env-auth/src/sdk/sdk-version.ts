import { readFileSync } from "node:fs";
import nodeModule from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The MCP SDK's server package. */
export const SDK_PACKAGE = "@modelcontextprotocol/server";

const OWN_PACKAGE = "mcp-env-auth";

/**
 * The versions of the SDK that `contract.test.ts` passed with. It fails with any other: add a version when all else
 * passes.
 */
export const TESTED_SDK_VERSIONS: readonly string[] = ["2.4.0"];

/**
 * The version of the SDK that is loaded here; `undefined` where that can't be known, as in a program that a bundler
 * wrote: the SDK is inside, and an installed one may be another.
 */
export function installedSdkVersion(): string | undefined {
  try {
    if (versionAbove(fileURLToPath(import.meta.url), OWN_PACKAGE) === undefined) {
      return undefined;
    }
    // The package does not export its package.json.
    return versionAbove(nodeModule.createRequire(import.meta.url).resolve(SDK_PACKAGE), SDK_PACKAGE);
  } catch {
    return undefined;
  }
}

/** The version of the package `name` that `file` belongs to. */
function versionAbove(file: string, name: string): string | undefined {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const version = versionIn(folder, name);
    if (version !== undefined || folder === dirname(folder)) {
      return version;
    }
  }
}

function versionIn(folder: string, wanted: string): string | undefined {
  try {
    const found: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const { name, version } = found as { name?: unknown; version?: unknown };
    return name === wanted && typeof version === "string" ? version : undefined;
  } catch {
    return undefined;
  }
}
