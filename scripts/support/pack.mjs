import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { npmCommand } from "./npm.mjs";
import { root } from "./setup.mjs";

/** Our packages that a created project depends on. */
export const OWN_PACKAGES = ["mcp-env-auth", "dev-auth0"];

/**
 * Packs a built package as it would be published.
 *
 * @param {string} name
 * @param {string} target A folder that is there.
 * @returns {string} The tarball.
 */
export function pack(name, target) {
  const [program, ...npmArgs] = npmCommand("npm");
  const packed = execFileSync(program, [...npmArgs, "pack", "--json", "--pack-destination", target], {
    cwd: join(root, "packages", name),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [{ filename }] = JSON.parse(packed);
  return join(target, filename);
}
