// node scripts/publish.mjs: publishes the built packages that the registry does not have in this version, and tags them
// in git. For the release workflow: provenance needs its identity, and the address of the repository. Arguments go to
// npm publish, such as --dry-run.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { npmCommand } from "./support/npm.mjs";
import { root } from "./support/setup.mjs";

const repository = process.env.REPOSITORY_URL;
if (repository === undefined) {
  fail("REPOSITORY_URL is not set. The release workflow sets it, and publishes.");
}
const options = process.argv.slice(2);
const [npm, ...npmArgs] = npmCommand("npm");

// What projects are made of, before what makes them.
for (const directory of ["packages/mcp-env-auth", "packages/dev-auth0", "packages/create-mcp-auth0-server"]) {
  const cwd = join(root, directory);
  const { name, version } = JSON.parse(readFileSync(join(cwd, "package.json"), "utf8"));
  if (isPublished(name, version)) {
    console.log(`${name} ${version} is there already.`);
    continue;
  }
  run(
    npm,
    [...npmArgs, "pkg", "set", `repository.url=git+${repository}.git`, `repository.directory=${directory}`],
    cwd,
  );
  run(npm, [...npmArgs, "publish", "--provenance", "--access", "public", ...options], cwd);
  if (!options.includes("--dry-run")) {
    run("git", ["tag", `${name}@${version}`], root);
  }
}

/**
 * @param {string} name
 * @param {string} version
 */
function isPublished(name, version) {
  const { status, stdout, stderr } = spawnSync(npm, [...npmArgs, "view", `${name}@${version}`, "version"], {
    encoding: "utf8",
  });
  if (status === 0) {
    return stdout.trim() === version;
  }
  if (stderr.includes("E404")) {
    return false;
  }
  return fail(`The registry did not say whether it has ${name} ${version}:\n${stderr}`);
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} cwd
 */
function run(program, args, cwd) {
  const { status } = spawnSync(program, args, { cwd, stdio: "inherit" });
  if (status !== 0) {
    fail(`${args.join(" ")} failed in ${cwd}.`);
  }
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  console.error(message);
  process.exit(1);
}
