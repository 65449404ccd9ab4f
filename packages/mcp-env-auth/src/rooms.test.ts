import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const SRC = import.meta.dirname;
const REPOSITORY = join(SRC, "../../..");

/** The folders of `parent` that hold sources. */
function foldersIn(parent: string): string[] {
  return readdirSync(join(SRC, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(parent, name))
    .filter((folder) =>
      readdirSync(join(SRC, folder), { recursive: true, encoding: "utf8" }).some((file) => file.endsWith(".ts")),
    );
}

/** Files with a suffix, and folders in backticks, as in `endpoints/`. A `*` stands for some name. */
function namesIn(text: string): string[] {
  const files = text.match(/[\w.*/-]*[\w*]\.(?:ts|mjs|json|md)\b/g) ?? [];
  const folders = Array.from(text.matchAll(/`([\w./-]+\/)`/g), ([, folder = ""]) => folder);
  return [...files, ...folders];
}

/** Whether there is such a file: seen from the folder, from `src` or from the repository. */
function isThere(name: string, ...folders: readonly string[]): boolean {
  return [...folders.map((folder) => join(SRC, folder)), SRC, REPOSITORY].some((from) => {
    const path = join(from, name);
    if (!name.includes("*")) {
      return existsSync(path);
    }
    const pattern = new RegExp(`^${path.split("*").map(escapePattern).join("[^/]+")}$`);
    return (
      existsSync(dirname(path)) && readdirSync(dirname(path)).some((file) => pattern.test(join(dirname(path), file)))
    );
  });
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

const rooms = [...foldersIn("."), ...foldersIn("proxy")];
const readmes = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith("README.md"));

describe("the rooms of the sources", () => {
  it.each(rooms)("%s has a README that names the file to open first", (room) => {
    const readme = join(SRC, room, "README.md");
    expect(existsSync(readme), `${room}/README.md`).toBe(true);
    const names = namesIn(readFileSync(readme, "utf8")).filter((name) => name.endsWith(".ts"));
    expect(names.filter((name) => existsSync(join(SRC, room, name)))).not.toEqual([]);
  });

  it.each(readmes)("%s names files that there are", (readme) => {
    const text = readFileSync(join(SRC, readme), "utf8");
    expect(namesIn(text).filter((name) => !isThere(name, dirname(readme)))).toEqual([]);
  });

  it("are in ARCHITECTURE.md as they are", () => {
    const text = readFileSync(join(REPOSITORY, "ARCHITECTURE.md"), "utf8");
    // It shortens names where the folder was named just before.
    const shortened = ["sdk", "proxy/clients", "proxy"];
    expect(namesIn(text).filter((name) => !isThere(name, "..", ...shortened))).toEqual([]);
  });
});
