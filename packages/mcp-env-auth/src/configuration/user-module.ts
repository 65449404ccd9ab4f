import { existsSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { SERVER_AUTH } from "../env/server-settings.ts";
import { ConfigError } from "../errors.ts";
import { locatePackage } from "./locate-package.ts";

/** A value of FASTMCP_SERVER_AUTH that names a module of the user's own. */
export interface ModuleReference {
  /** A path, a `file:` URL or a package. */
  readonly specifier: string;
  /** The name of the export; `default` for the default one. */
  readonly exportName: string;
}

/** Whether `value` is about a module: it holds `#`, or is spelt like a path, a file or a scoped package. */
export function looksLikeModule(value: string): boolean {
  return value.includes("#") || isFile(value) || /^@[^/]+\/|\.[cm]?[jt]sx?$/.test(value);
}

/** @throws ConfigError when no export is named. */
export function parseModuleReference(value: string): ModuleReference {
  const [, specifier = "", exportName = ""] = /^(.*)#([^#]*)$/s.exec(value) ?? [];
  if (specifier !== "" && exportName !== "") {
    return { specifier, exportName };
  }
  throw problem(
    `names a module without an export. Add # and the name of its provider, as in ${value.replace(/#$/, "")}#MyProvider.`,
  );
}

/**
 * Imports the module from `cwd` and gives the export.
 *
 * @throws ConfigError when there is no such module or export, or the module fails to load.
 */
export async function importExport({ specifier, exportName }: ModuleReference, cwd: string): Promise<unknown> {
  const url = isFile(specifier) ? locateFile(specifier, cwd) : locatePackageFrom(specifier, cwd);
  const module = await importModule(url, specifier);
  if (Object.hasOwn(module, exportName)) {
    return module[exportName];
  }
  const names = Object.keys(module).sort();
  const list = names.length === 0 ? "It exports nothing." : `It exports ${names.join(", ")}.`;
  throw problem(`names the export ${exportName} of ${specifier}, which has no such export. ${list}`);
}

function isFile(specifier: string): boolean {
  return /^\.{0,2}[/\\]|^file:/.test(specifier) || isAbsolute(specifier);
}

function locateFile(specifier: string, cwd: string): URL {
  const url = specifier.startsWith("file:") ? new URL(specifier) : pathToFileURL(resolve(cwd, specifier));
  if (existsSync(url)) {
    return url;
  }
  throw problem(
    `names the module ${fileURLToPath(url)}, which does not exist. A relative path starts at the working directory, ${cwd}.`,
  );
}

function locatePackageFrom(specifier: string, cwd: string): URL {
  const url = locatePackage(specifier, cwd);
  if (url !== undefined) {
    return url;
  }
  throw problem(
    `names the package ${specifier}, which can't be found from ${cwd}. Install it there; a file's path starts with ./`,
  );
}

async function importModule(url: URL, specifier: string): Promise<Record<string, unknown>> {
  try {
    return (await import(/* webpackIgnore: true */ url.href)) as Record<string, unknown>;
  } catch (error) {
    throw problem(`names the module ${specifier}, which fails to load. ${describeFailure(error)}`, error);
  }
}

function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) {
    return "It throws something that is no error.";
  }
  if ("code" in error && error.code === "ERR_UNKNOWN_FILE_EXTENSION") {
    return "This Node.js does not run such files: name the JavaScript that it is built to.";
  }
  return `${error.name}: ${error.message}`;
}

function problem(message: string, cause?: unknown): ConfigError {
  return new ConfigError([{ variable: SERVER_AUTH, message }], cause === undefined ? undefined : { cause });
}
