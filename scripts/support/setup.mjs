import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { npmCommand } from "./npm.mjs";
import { removeStaleOutput } from "./stale-output.mjs";

const MIN_NODE = [20, 19];
const PNPM = "pnpm@12";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const stampFile = join(root, ".setup-stamp");

/**
 * Makes the project ready to run, with nothing but Node and npm. Ends the process with code 1, and says what to do,
 * when that fails.
 */
export function setup() {
  const startedAt = Date.now();
  checkNode();
  installDependencies();
  build();
  console.log(`Ready (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`);
}

/**
 * Runs a Node program of the project's own dependencies in the project's folder, with its output on the terminal.
 *
 * @param {string} script From the project's folder.
 * @param {readonly string[]} args
 * @param {string} [node] The Node that runs it, and that it finds in its PATH.
 * @returns {number} The exit code.
 */
export function runTool(script, args, node = process.execPath) {
  const env = { ...process.env, PATH: [dirname(node), process.env.PATH].join(delimiter) };
  const { status } = spawnSync(node, [join(root, script), ...args], { cwd: root, env, stdio: "inherit" });
  return status ?? 1;
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [minMajor = 0, minMinor = 0] = MIN_NODE;
  if (major > minMajor || (major === minMajor && minor >= minMinor)) {
    return;
  }
  fail(
    `This project needs Node ${MIN_NODE.join(".")} or newer, and this is Node ${process.versions.node}. Install one from https://nodejs.org and run this again.`,
  );
}

function installDependencies() {
  const stamp = createHash("sha256")
    .update(readFileSync(join(root, "pnpm-lock.yaml")))
    .digest("hex");
  const installed = existsSync(join(root, "node_modules/.modules.yaml")) && existsSync(stampFile);
  if (installed && readFileSync(stampFile, "utf8") === stamp) {
    return;
  }
  console.log("Installing dependencies …");
  runQuietly(
    [...npmCommand("npx"), "--yes", PNPM, "install", "--frozen-lockfile"],
    "The dependencies could not be installed. Check the connection to the npm registry and run this again.",
  );
  writeFileSync(stampFile, stamp);
}

function build() {
  console.log("Building …");
  const advice = "The project could not be built. The messages above say where.";
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const libraries = ["packages/mcp-env-auth", "packages/dev-auth0"];
  for (const folder of libraries) {
    removeStaleOutput(join(root, folder));
  }
  // The template is a project of its own, whose tsconfig can't say that the packages come first.
  runQuietly([process.execPath, tsc, "-b", ...libraries], advice);
  runQuietly([process.execPath, join(root, "packages/mcp-env-auth/build.mjs")], advice);
  runQuietly([process.execPath, tsc, "-b"], advice);
  const bundle = join(root, "packages/create-mcp-auth0-server/build.mjs");
  if (existsSync(bundle)) {
    runQuietly([process.execPath, bundle], advice);
  }
}

/**
 * @param {[string, ...string[]]} command
 * @param {string} advice
 */
function runQuietly([program, ...args], advice) {
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    cwd: root,
    encoding: "utf8",
    // pnpm asks no questions in CI.
    env: { ...process.env, CI: "true" },
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status === 0) {
    return;
  }
  process.stderr.write(stdout ?? "");
  process.stderr.write(stderr ?? "");
  if (error !== undefined) {
    console.error(error.message);
  }
  fail(advice);
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  console.error(message);
  process.exit(1);
}
