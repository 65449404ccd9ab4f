import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./setup.mjs";

const PINS = join(root, "tests/machine/programs");
const CACHE = join(root, ".cache/programs");

/** Versions of Node.js that everything is tested on, beside the one that runs this. */
export const NODE_VERSIONS = /** @type {const} */ (["22", "24", "26"]);

/** Versions of FastMCP whose client is tested. */
export const FASTMCP_VERSIONS = /** @type {const} */ (["4", "2"]);

const npmFolder = join(CACHE, "npm");

/**
 * A package of tests/machine/programs/package.json, as {@link installPrograms} installed it.
 *
 * @param {string} name
 * @param {string} file Inside the package.
 */
export const packageFile = (name, file) => join(npmFolder, "node_modules", name, file);

/** @param {typeof NODE_VERSIONS[number]} version */
export const nodeProgram = (version) =>
  packageFile(`node-${version}-${process.platform}-${process.arch}`, join("bin", "node"));

/** @param {typeof FASTMCP_VERSIONS[number]} version */
const fastMcpFolder = (version) => join(CACHE, `fastmcp-${version}`);

/**
 * A Python that has FastMCP's packages.
 *
 * @param {typeof FASTMCP_VERSIONS[number]} version
 */
export const fastMcpPython = (version) => join(fastMcpFolder(version), "bin/python");

const hadolintFolder = join(CACHE, "hadolint");

/** A linter of Dockerfiles. */
export const hadolint = join(hadolintFolder, "bin/hadolint");

/**
 * Installs the programs that the tests in tests/machine run, in the versions pinned beside them; what is there already
 * stays.
 *
 * @throws {Error} when one can't be installed.
 */
export async function installPrograms() {
  await unlessInstalled(npmFolder, ["package.json", "package-lock.json"], async () => {
    console.log("Installing programs from npm …");
    await mkdir(npmFolder, { recursive: true });
    for (const name of ["package.json", "package-lock.json"]) {
      await copyFile(join(PINS, name), join(npmFolder, name));
    }
    run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], npmFolder);
  });
  for (const version of FASTMCP_VERSIONS) {
    await installFastMcp(version);
  }
  await installFromPyPi("hadolint", hadolintFolder, "hadolint.txt");
  for (const version of NODE_VERSIONS) {
    if (existsSync(nodeProgram(version))) {
      continue;
    }
    throw new Error(
      `There is no Node.js ${version} for ${process.platform} on ${process.arch} among the pins in tests/machine/programs/package.json. Add the npm package that carries it.`,
    );
  }
}

/**
 * Installs Python FastMCP in the pinned version; what is there already stays.
 *
 * @param {typeof FASTMCP_VERSIONS[number]} version
 * @throws {Error} when it can't be installed.
 */
export async function installFastMcp(version) {
  await installFromPyPi(`FastMCP ${version}`, fastMcpFolder(version), `fastmcp-${version}.txt`);
}

/**
 * @param {string} title
 * @param {string} folder
 * @param {string} pins
 */
async function installFromPyPi(title, folder, pins) {
  await unlessInstalled(folder, [pins], async () => {
    console.log(`Installing ${title} …`);
    await mkdir(CACHE, { recursive: true });
    run("python3", ["-m", "venv", folder], CACHE);
    const python = join(folder, "bin/python");
    run(python, ["-m", "pip", "install", "--quiet", "--no-deps", "-r", join(PINS, pins)], CACHE);
  });
}

/**
 * Installs into `folder`, unless the same pins were installed there before.
 *
 * @param {string} folder
 * @param {readonly string[]} pins
 * @param {() => Promise<void>} install
 */
async function unlessInstalled(folder, pins, install) {
  const hash = createHash("sha256");
  for (const name of pins) {
    hash.update(await readFile(join(PINS, name)));
  }
  const wanted = hash.digest("hex");
  const stamp = join(folder, ".installed");
  const present = await readFile(stamp, "utf8").catch(() => undefined);
  if (present === wanted) {
    return;
  }
  await rm(folder, { recursive: true, force: true });
  await install();
  await writeFile(stamp, wanted);
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} cwd
 */
function run(program, args, cwd) {
  const { status, error } = spawnSync(program, args, { cwd, stdio: "inherit" });
  if (status === 0) {
    return;
  }
  throw new Error(`${program} ${args.join(" ")} failed${error === undefined ? "" : `: ${error.message}`}`);
}
