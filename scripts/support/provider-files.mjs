// What is generated from the list of providers, configuration/built-in-providers.ts: the catalogue that names them
// without loading them, and what `mcp-env-auth/providers` exports.

const START = "// From here on written by scripts/generate-docs.mjs, from built-in-providers.ts.\n\n";
const WIDTH = 120;

/**
 * @typedef {object} ListedProvider
 * @property {string} name The class that its module exports, as in FastMCP.
 * @property {string} module The file name of the module in src/providers.
 * @property {{ classPath: string, aliases: readonly string[], prefix: string, title: string }} declaration
 */

/**
 * The providers of the list, each with the module that its import names.
 *
 * @param {readonly Pick<ListedProvider, "declaration">[]} providers
 * @param {string} source The text of built-in-providers.ts.
 * @returns {readonly ListedProvider[]}
 */
export function listProviders(providers, source) {
  const imports = source.matchAll(/^import \{ (\w+) \} from "\.\.\/providers\/([\w-]+\.ts)";$/gm);
  const modules = new Map(Array.from(imports, ([, name = "", module = ""]) => [name, module]));
  return providers.map(({ declaration }) => {
    const name = declaration.classPath.split(".").at(-1) ?? "";
    const module = modules.get(name);
    if (module === undefined) {
      throw new Error(`built-in-providers.ts imports no ${name} of src/providers.`);
    }
    return { name, module, declaration };
  });
}

/**
 * provider-catalog.ts with its entries brought up to date.
 *
 * @param {string} file
 * @param {readonly ListedProvider[]} providers
 */
export function updateCatalog(file, providers) {
  const entries = providers.map(({ name, module, declaration: { classPath, aliases, prefix, title } }) =>
    [
      "  {",
      `    classPath: ${JSON.stringify(classPath)},`,
      `    aliases: ${listOf(aliases)},`,
      `    prefix: ${JSON.stringify(prefix)},`,
      `    title: ${JSON.stringify(title)},`,
      `    load: async () => ${isImported(name, file) ? name : `(await import("../providers/${module}")).${name}`},`,
      "  },",
    ].join("\n"),
  );
  const list = ["export const providerCatalog: readonly KnownProvider[] = [", ...entries, "];"].join("\n");
  return `${beforeStart(file)}/** The providers of this package, in the order of the list. */\n${list}\n`;
}

/**
 * providers/entry.ts with its exports of providers brought up to date: all but those that the package's main entry
 * exports.
 *
 * @param {string} file
 * @param {readonly ListedProvider[]} providers
 * @param {string} mainEntry The text of index.ts.
 */
export function updateExports(file, providers, mainEntry) {
  const exports = providers
    .filter(({ module }) => !mainEntry.includes(`"./providers/${module}"`))
    .map(({ name, module }) => ({ module, line: `export { ${name} } from "./${module}";\n` }))
    .sort((one, other) => (one.module < other.module ? -1 : 1));
  return `${beforeStart(file)}${exports.map(({ line }) => line).join("")}`;
}

/** @param {string} file */
function beforeStart(file) {
  const start = file.indexOf(START);
  if (start === -1) {
    throw new Error(`A file with a generated part needs the line ${START}`);
  }
  return file.slice(0, start + START.length);
}

/**
 * @param {string} name
 * @param {string} file
 */
function isImported(name, file) {
  return file.includes(`import { ${name} } from`);
}

/**
 * As Biome formats it.
 *
 * @param {readonly string[]} items
 */
function listOf(items) {
  const quoted = items.map((item) => JSON.stringify(item));
  const line = `[${quoted.join(", ")}]`;
  if (`    aliases: ${line},`.length <= WIDTH) {
    return line;
  }
  return `[\n${quoted.map((item) => `      ${item},\n`).join("")}    ]`;
}
