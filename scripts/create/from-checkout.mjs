import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, isAbsolute, join, relative } from "node:path";
import { OWN_PACKAGES, pack } from "../support/pack.mjs";
import { CREATE_COMMAND } from "../support/scaffold.mjs";
import { root } from "../support/setup.mjs";

/** The folder of a created project that holds our packages. */
const VENDOR = "vendor";

/**
 * Runs the scaffolder with templates that install our packages from tarballs, which come with the project: so it works
 * before the packages are published, and without this checkout.
 *
 * A relative folder is next to the checkout: inside it, the project would be linted and committed with it.
 *
 * @param {readonly string[]} args For the command.
 * @returns {number} Its exit code.
 */
export function createFromCheckout(args) {
  const stage = mkdtempSync(join(tmpdir(), "mcp-auth0-create-"));
  try {
    const command = stageCommand(stage);
    const cwd = callersFolder(process.env.INIT_CWD ?? root);
    console.log(`Paths are relative to ${cwd}.\n`);
    const { status } = spawnSync(process.execPath, [command, ...args], { cwd, stdio: "inherit" });
    return status ?? 130;
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/**
 * Where paths begin: where npm was called, and the folder that holds the checkout for all that is inside it.
 *
 * @param {string} called
 */
export function callersFolder(called) {
  const way = relative(root, called);
  return way.startsWith("..") || isAbsolute(way) ? called : dirname(root);
}

/**
 * Copies the command and its templates, and puts our packages into them.
 *
 * @param {string} stage
 * @returns {string} The copy of the command.
 */
function stageCommand(stage) {
  const command = join(stage, basename(CREATE_COMMAND));
  const templates = join(stage, "templates");
  cpSync(CREATE_COMMAND, command);
  cpSync(join(dirname(CREATE_COMMAND), "templates"), templates, { recursive: true });
  const tarballs = OWN_PACKAGES.map((name) => ({ name, path: pack(name, stage) }));
  // Files for deployments are next to them.
  const folders = readdirSync(templates).map((name) => join(templates, name));
  for (const folder of folders.filter((path) => existsSync(join(path, "package.json")))) {
    mkdirSync(join(folder, VENDOR));
    for (const { path } of tarballs) {
      cpSync(path, join(folder, VENDOR, basename(path)));
    }
    const files = Object.fromEntries(tarballs.map(({ name, path }) => [name, `file:${VENDOR}/${basename(path)}`]));
    pinPackages(join(folder, "package.json"), files);
    addVendorToImage(join(folder, "Dockerfile"));
  }
  return command;
}

/**
 * @param {string} file A package.json.
 * @param {Readonly<Record<string, string>>} files Where each of our packages is.
 */
function pinPackages(file, files) {
  const manifest = JSON.parse(readFileSync(file, "utf8"));
  for (const dependencies of [manifest.dependencies ?? {}, manifest.devDependencies ?? {}]) {
    for (const name of Object.keys(files).filter((own) => own in dependencies)) {
      dependencies[name] = files[name];
    }
  }
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
}

/** @param {string} file A Dockerfile, whose installation needs the packages. */
function addVendorToImage(file) {
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replace(/^COPY package/m, `COPY ${VENDOR} ./${VENDOR}\n$&`));
}
