import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { npmCommand } from "../scripts/support/npm.mjs";
import { installFastMcp } from "../scripts/support/programs.mjs";

/**
 * @import { Failure } from "./measure-all.mjs"
 * @import { Subject } from "./subjects.mjs"
 *
 * @typedef {"npm" | "python-4" | "python-2"} Peer
 */

const FOLDER = fileURLToPath(new URL("peers/", import.meta.url));
const STAMP = `${FOLDER}node_modules/.installed`;

/** @type {Readonly<Record<Peer, () => void | Promise<void>>>} */
const INSTALL = { npm: installFromNpm, "python-4": () => installFastMcp("4"), "python-2": () => installFastMcp("2") };

/**
 * Installs the projects that are measured beside ours, in the versions of bench/peers and tests/machine/programs.
 *
 * @param {readonly Subject[]} wanted
 * @returns {Promise<{ subjects: Subject[], unavailable: Failure[] }>} Those that can be measured, and why others can't.
 */
export async function installPeers(wanted) {
  /** @type {Map<Peer | undefined, string>} */
  const reasons = new Map();
  for (const peer of new Set(wanted.flatMap(({ peer }) => peer ?? []))) {
    try {
      await INSTALL[peer]();
    } catch (error) {
      reasons.set(peer, error instanceof Error ? error.message : String(error));
    }
  }
  return {
    subjects: wanted.filter(({ peer }) => !reasons.has(peer)),
    unavailable: wanted.flatMap(({ id, peer }) => {
      const reason = reasons.get(peer);
      return reason === undefined ? [] : [{ part: /** @type {const} */ ("installation"), subject: id, reason }];
    }),
  };
}

function installFromNpm() {
  const wanted = createHash("sha256")
    .update(readFileSync(`${FOLDER}package-lock.json`))
    .digest("hex");
  if (installed() === wanted) {
    return;
  }
  console.error("Installing what is measured beside ours …");
  rmSync(`${FOLDER}node_modules`, { recursive: true, force: true });
  const [program, ...args] = npmCommand("npm");
  const flags = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status } = spawnSync(program, [...args, ...flags], { cwd: FOLDER, stdio: "inherit" });
  if (status !== 0) {
    throw new Error("npm could not install the packages of bench/peers.");
  }
  writeFileSync(STAMP, wanted);
}

function installed() {
  try {
    return readFileSync(STAMP, "utf8");
  } catch {
    return undefined;
  }
}
