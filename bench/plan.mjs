import { measureCalls } from "./measure/calls.mjs";

/**
 * @import { Stage } from "./measured-server.mjs"
 * @import { Options, PARTS } from "./options.mjs"
 * @import { Sample } from "./report/samples.mjs"
 * @import { Subject } from "./subjects.mjs"
 *
 * @typedef {object} Step One server, in a fresh process.
 * @property {typeof PARTS[number]} part
 * @property {string} subject Its id.
 * @property {string} title
 * @property {() => Promise<Sample[]>} measure
 */

/** The number of tools, and of connections, that everything is compared at. */
const USUAL = { tools: 10, connections: 16 };

/**
 * What is done in one round. Every server is measured at the usual number of tools and connections; other numbers of
 * connections at the usual number of tools; and other numbers of tools for the servers that `subject.scales` says.
 *
 * @param {readonly Subject[]} subjects
 * @param {Stage} stage
 * @param {Options} options
 * @param {number} round
 * @returns {Step[]}
 */
export function planRound(subjects, stage, options, round) {
  const { eras, tools: toolCounts, seconds, warmUpSeconds, warmUpRequests, parts } = options;
  const usualTools = toolCounts.includes(USUAL.tools) ? USUAL.tools : toolCounts[0];
  const usualConnections = options.connections.filter((count) => count === USUAL.connections);
  /** @type {Step[]} */
  const steps = [];
  if (parts.includes("calls")) {
    for (const tools of toolCounts) {
      const isUsual = tools === usualTools;
      const connections = isUsual || usualConnections.length === 0 ? options.connections : usualConnections;
      for (const subject of subjects) {
        if (!isUsual && !subject.scales) continue;
        const settings = { round, eras, tools, connections, seconds, warmUpSeconds, warmUpRequests };
        steps.push({
          part: "calls",
          subject: subject.id,
          title: `${subject.id}, ${tools} tools`,
          measure: () => measureCalls(subject, stage, settings),
        });
      }
    }
  }
  return steps;
}
