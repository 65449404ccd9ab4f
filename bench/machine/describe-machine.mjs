import { readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";

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
 * @property {readonly string[]} peers The versions that the others are measured in.
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
  return {
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? "unknown",
    memory: Math.round(totalmem() / 1024 ** 3),
    system: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    sdk: JSON.parse(read("../../node_modules/@modelcontextprotocol/server/package.json")).version,
    peers: peerVersions(),
    pinned: cores !== undefined,
    priority,
  };
}

function peerVersions() {
  /** @type {Record<string, string>} */
  const {
    fastmcp,
    "mcp-use": mcpUse,
    "mcp-handler": mcpHandler,
  } = JSON.parse(read("../peers/package.json")).dependencies;
  const python = ["4", "2"].map((version) => {
    const pins = read(`../../tests/machine/programs/fastmcp-${version}.txt`);
    return `Python FastMCP ${/^fastmcp==(.*)$/m.exec(pins)?.[1]}`;
  });
  return [`npm fastmcp ${fastmcp}`, `mcp-use ${mcpUse}`, `mcp-handler ${mcpHandler}`, ...python];
}

/** @param {string} file */
function read(file) {
  return readFileSync(new URL(file, import.meta.url), "utf8");
}
