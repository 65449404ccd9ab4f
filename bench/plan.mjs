import { measureCalls } from "./measure/calls.mjs";
import { measureColdStart } from "./measure/cold-start.mjs";
import { measureLogins } from "./measure/logins.mjs";
import { measureRegistrations } from "./measure/registrations.mjs";
import { measureScaffold } from "./measure/scaffold.mjs";
import { measureSoak } from "./measure/soak.mjs";

/**
 * @import { Stage } from "./stage.mjs"
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
 * What is done in one round.
 *
 * @param {readonly Subject[]} subjects
 * @param {Stage} stage
 * @param {Options} options
 * @param {number} round
 * @returns {Step[]}
 */
export function planRound(subjects, stage, options, round) {
  const proxies = subjects.filter(({ credential }) => credential === "login");
  /**
   * @param {readonly Subject[]} of
   * @param {Step["part"]} part
   * @param {(subject: Subject) => Promise<Sample[]>} measure
   * @returns {Step[]}
   */
  const steps = (of, part, measure) =>
    of.map((subject) => ({ part, subject: subject.id, title: subject.id, measure: () => measure(subject) }));
  /** @type {Readonly<Record<Step["part"], () => Step[]>>} */
  const parts = {
    calls: () => planCalls(subjects, stage, options, round),
    "cold-start": () => steps(subjects, "cold-start", (subject) => measureColdStart(subject, stage, round)),
    logins: () => steps(proxies, "logins", (subject) => measureLogins(subject, stage, { ...options, round })),
    registrations: () => steps(proxies, "registrations", (subject) => measureRegistrations(subject, stage, round)),
    scaffold: () => {
      const id = "create-mcp-auth0-server";
      return [{ part: "scaffold", subject: id, title: id, measure: () => measureScaffold(round) }];
    },
    soak: () => {
      const ours = subjects.filter(({ id }) => id === "ours-sealed");
      return round > 1 ? [] : steps(ours, "soak", (subject) => measureSoak(subject, stage, options));
    },
  };
  return options.parts.flatMap((part) => parts[part]());
}

/**
 * Every server is measured at the usual number of tools and connections, and those that `scales` says also with one of
 * the two unusual.
 *
 * @param {readonly Subject[]} subjects
 * @param {Stage} stage
 * @param {Options} options
 * @param {number} round
 * @returns {Step[]}
 */
function planCalls(subjects, stage, options, round) {
  const usualTools = options.tools.includes(USUAL.tools) ? USUAL.tools : options.tools[0];
  const [few] = options.connections;
  const usualConnections = options.connections.includes(USUAL.connections) ? [USUAL.connections] : [few ?? 1];
  return options.tools.flatMap((tools) => {
    const isUsual = tools === usualTools;
    return subjects
      .filter(({ scales }) => isUsual || scales)
      .map((subject) => ({
        part: /** @type {const} */ ("calls"),
        subject: subject.id,
        title: `${subject.id}, ${tools} tools`,
        measure: () => {
          const connections = isUsual && subject.scales ? options.connections : usualConnections;
          return measureCalls(subject, stage, { ...options, round, tools, connections });
        },
      }));
  });
}
