import { readFileSync } from "node:fs";
import nodeModule from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * The file that `import` of a package, or of a path in it, would load from a module in `directory`. `undefined` when
 * there is none.
 *
 * Node 20 resolves from another directory for `require` only, so what a package offers to `import` alone is read from
 * the `exports` of its package.json, without patterns.
 */
export function locatePackage(specifier: string, directory: string): URL | undefined {
  const [, name = "", subpath = ""] = /^((?:@[^/]+\/)?[^/]+)(.*)$/.exec(specifier) ?? [];
  const exported = locateExport(name, subpath, directory);
  if (exported !== undefined) {
    return exported;
  }
  try {
    return pathToFileURL(nodeModule.createRequire(join(directory, "package.json")).resolve(specifier));
  } catch {
    return undefined;
  }
}

function locateExport(name: string, subpath: string, directory: string): URL | undefined {
  for (let parent = directory; ; parent = dirname(parent)) {
    const folder = join(parent, "node_modules", name);
    const manifest = readManifest(join(folder, "package.json"));
    if (manifest !== undefined) {
      const target = chooseExport(manifest.exports, `.${subpath}`);
      return target?.startsWith("./") ? pathToFileURL(join(folder, target)) : undefined;
    }
    if (dirname(parent) === parent) {
      return undefined;
    }
  }
}

function readManifest(path: string): { readonly exports?: unknown } | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as { readonly exports?: unknown };
  } catch {
    return undefined;
  }
}

const CONDITIONS: ReadonlySet<string> = new Set(["node", "import", "default"]);

function chooseExport(exports: unknown, path: string): string | undefined {
  const isMap = isObject(exports) && Object.keys(exports).some((key) => key.startsWith("."));
  if (isMap) {
    return Object.hasOwn(exports, path) ? chooseCondition(exports[path]) : undefined;
  }
  return path === "." ? chooseCondition(exports) : undefined;
}

function chooseCondition(target: unknown): string | undefined {
  if (typeof target === "string") {
    return target;
  }
  if (!isObject(target)) {
    return undefined;
  }
  for (const [condition, inner] of Object.entries(target)) {
    const chosen = CONDITIONS.has(condition) ? chooseCondition(inner) : undefined;
    if (chosen !== undefined) {
      return chosen;
    }
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
