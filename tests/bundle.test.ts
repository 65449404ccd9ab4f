import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { builtInProviders } from "../packages/mcp-env-auth/src/configuration/built-in-providers.ts";

const BUNDLE = fileURLToPath(new URL("../packages/mcp-env-auth/dist/bundle/", import.meta.url));

interface Loaded {
  readonly files: ReadonlySet<string>;
  readonly packages: ReadonlySet<string>;
}

/** What is loaded with a file of the bundle, itself included. */
function loadedWith(file: string, loaded = { files: new Set<string>(), packages: new Set<string>() }): Loaded {
  if (loaded.files.has(file)) {
    return loaded;
  }
  loaded.files.add(file);
  const text = readFileSync(join(BUNDLE, file), "utf8");
  for (const [, from = ""] of text.matchAll(/^(?:import|export) (?:[^;]*? from )?"([^"]+)";/gm)) {
    if (from.startsWith("./")) {
      loadedWith(from.slice(2), loaded);
    } else if (!from.startsWith("node:")) {
      loaded.packages.add(from);
    }
  }
  return loaded;
}

const BEFORE_LISTENING = ["envalid", "helmet", "pino"];
const index = loadedWith("index.js");
const sources = [...index.files].map((file) => readFileSync(join(BUNDLE, file), "utf8")).join("\n");
/** The providers that are loaded when one is named, each with its file. */
const providers = [...sources.matchAll(/import\("\.\/([^"]+)"\)\)\.(\w+(?:Provider|Verifier|Proxy))\b/g)].map(
  ([, file = "", name = ""]) => [name, file] as const,
);

describe("the files of the package", () => {
  it("load nothing before a server listens that a challenge does without", () => {
    expect([...index.packages].sort()).toEqual(BEFORE_LISTENING);
    expect(index.files.size).toBeLessThanOrEqual(2);
  });

  it.each(providers)("load no more on account of %s, in few files", (_name, file) => {
    const { files, packages } = loadedWith(file);
    expect([...packages].filter((name) => !BEFORE_LISTENING.includes(name))).toEqual([]);
    expect([...files].filter((each) => !index.files.has(each)).length).toBeLessThanOrEqual(4);
  });

  it.each(["index", "providers", "sdk"])("give bundlers %s with a require that comes before any package", (entry) => {
    const text = readFileSync(join(BUNDLE, "for-bundlers", `${entry}.js`), "utf8");
    expect(text).toBe(`import "./builtin-require.js";\nexport * from "../${entry}.js";\n`);
    expect(loadedWith("for-bundlers/builtin-require.js").packages.size).toBe(0);
  });

  it("know every provider but the one that comes with the package's entry", () => {
    expect(providers.length).toBe(builtInProviders.length - 1);
  });
});
