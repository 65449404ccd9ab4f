import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

/** Licences that let us ship the code in a bundle under MIT, with a notice. */
const ACCEPTED = new Set(["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"]);

/**
 * The packages whose code is in the bundle, by name and version, each with its licence.
 *
 * @throws Error for a package whose licence is not one of the accepted.
 */
export async function bundledPackages(metafile, workingDirectory) {
  const roots = new Set(Object.keys(metafile.inputs).flatMap((input) => packageRoot(input) ?? []));
  const packages = await Promise.all([...roots].map((root) => readPackage(path.resolve(workingDirectory, root))));
  const refused = packages.filter(({ license }) => !ACCEPTED.has(license));
  if (refused.length > 0) {
    const names = refused.map(({ name, license }) => `${name} (${license})`).join(", ");
    throw new Error(`The bundle holds packages whose licence is not accepted: ${names}.`);
  }
  return packages.sort((a, b) => `${a.name}@${a.version}`.localeCompare(`${b.name}@${b.version}`, "en"));
}

/** The folder of the package that a bundled file is from; nothing for our own files. */
function packageRoot(input) {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
}

async function readPackage(root) {
  const manifest = JSON.parse(await readFile(path.join(root, "package.json"), "utf8"));
  const file = (await readdir(root)).find((name) => /^licen[cs]e(\.(md|txt))?$/i.test(name));
  return {
    name: manifest.name,
    version: manifest.version,
    license: manifest.license ?? "none",
    text: file === undefined ? undefined : (await readFile(path.join(root, file), "utf8")).trim(),
    author: typeof manifest.author === "string" ? manifest.author : manifest.author?.name,
  };
}

/** The notices that the licences ask to be kept with the code. */
export function renderNotices(packages) {
  const notices = packages.map(({ name, version, license, text, author }) =>
    [`${name} ${version} (${license})`, text ?? `Copyright ${author}`].join("\n\n"),
  );
  const intro = "create-mcp-auth0-server contains code of these packages, under their own licences.";
  return `${[intro, ...notices].join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}
