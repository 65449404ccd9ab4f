import { readFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";

/**
 * @import { Stage } from "../stage.mjs"
 *
 * @typedef {object} Machine
 * @property {number} cores
 * @property {string} processor
 * @property {number} memory GiB
 * @property {string} system
 * @property {string} node
 * @property {string} sdk The version of the MCP SDK.
 * @property {boolean} pinned Whether the server had a core of its own.
 * @property {boolean} priority Whether what was measured came before other work on the machine.
 */

/**
 * What a reader needs to know about where numbers come from; nothing that tells whose machine it is.
 *
 * @param {Stage} stage
 * @returns {Machine}
 */
export function describeMachine({ cores, priority }) {
  const manifest = new URL("../../node_modules/@modelcontextprotocol/server/package.json", import.meta.url);
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? "unknown",
    memory: Math.round(totalmem() / 1024 ** 3),
    system: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    sdk: JSON.parse(readFileSync(manifest, "utf8")).version,
    pinned: cores !== undefined,
    priority,
  };
}
