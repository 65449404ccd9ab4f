import path from "node:path";
import { accept, hasControlCharacter, type Parsed, refuse } from "./parsed.ts";

/** Where the project goes and what it is called. */
export interface ProjectTarget {
  /** Absolute. */
  readonly directory: string;
  /** The `name` of its package.json. */
  readonly packageName: string;
}

export const DEFAULT_PROJECT = "my-mcp-server";

const SCOPED = /^@[^/\\]+\/[^/\\]+$/;
const LONGEST_NAME = 214;
/** What common file systems hold. */
const LONGEST_FOLDER_BYTES = 255;
const RESERVED = new Set(["node_modules", "favicon.ico"]);

/**
 * Reads the project argument: a path, `.` for the current folder, or a scoped package name (`@acme/weather` is written
 * to `weather`). The package's name is made from the folder's by npm's rules: lower case, URL-safe, at most 214
 * characters.
 */
export function parseProject(input: string, cwd: string): Parsed<ProjectTarget> {
  const text = input.trim();
  if (text === "") {
    return refuse("Give the folder to create, such as my-mcp-server, or . for the current one.");
  }
  if (hasControlCharacter(text)) {
    return refuse("A folder's name has no control characters or line breaks in it.");
  }
  if (text.split(/[\\/]/).some((part) => Buffer.byteLength(part) > LONGEST_FOLDER_BYTES)) {
    return refuse(`A folder's name has at most ${LONGEST_FOLDER_BYTES} bytes: choose a shorter one.`);
  }
  const [scope, name] = SCOPED.test(text) ? text.split("/") : [];
  const directory = path.resolve(cwd, name ?? text);
  const base = path.basename(directory);
  if (RESERVED.has(base.toLowerCase())) {
    return refuse(`npm keeps the name ${base} for itself: choose another.`);
  }
  const packageName = toPackageName(base);
  if (scope === undefined) {
    return accept({ directory, packageName });
  }
  const safeScope = sanitise(scope.slice(1));
  if (safeScope === "") {
    return refuse(`"${scope}" is not a scope: write @acme/${packageName}.`);
  }
  return accept({ directory, packageName: `@${safeScope}/${packageName}`.slice(0, LONGEST_NAME) });
}

function toPackageName(base: string): string {
  return sanitise(base).slice(0, LONGEST_NAME) || DEFAULT_PROJECT;
}

function sanitise(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9._~]+/g, "-")
    .replace(/^[._~-]+|[._~-]+$/g, "");
}
