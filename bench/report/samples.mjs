import { median } from "./statistics.mjs";

/**
 * What one round measured of one server in one case.
 *
 * @typedef {object} Sample
 * @property {string} subject
 * @property {string} what The case: the same words for every server that it is measured of.
 * @property {number} round
 * @property {Readonly<Record<string, number>>} values
 */

/**
 * The samples of several runs as those of one: no round of one run is a round of another.
 *
 * @param {readonly (readonly Sample[])[]} runs
 * @returns {Sample[]}
 */
export function joinRounds(runs) {
  let rounds = 0;
  return runs.flatMap((samples) => {
    const before = rounds;
    rounds += Math.max(0, ...samples.map(({ round }) => round));
    return samples.map((sample) => ({ ...sample, round: before + sample.round }));
  });
}

/**
 * The median over the rounds.
 *
 * @param {readonly Sample[]} samples
 * @param {string} subject
 * @param {string} what
 * @param {string} value
 * @returns {number | undefined} `undefined` when it was not measured.
 */
export function medianOf(samples, subject, what, value) {
  const values = samples
    .filter((sample) => sample.subject === subject && sample.what === what)
    .map((sample) => sample.values[value] ?? Number.NaN);
  return values.length === 0 || values.some(Number.isNaN) ? undefined : median(values);
}

/**
 * How many times as much one server has of a value as another: the median of the ratios within each round, since what
 * disturbs the machine disturbs the neighbours in a round alike.
 *
 * @param {readonly Sample[]} samples
 * @param {{ what: string, value: string }} measured
 * @param {string} subject
 * @param {string} other
 * @returns {number | undefined} `undefined` when there is no round that has both.
 */
export function ratioOf(samples, { what, value }, subject, other) {
  const rounds = [...new Set(samples.map(({ round }) => round))];
  const ratios = rounds.flatMap((round) => {
    const within = samples.filter((sample) => sample.round === round);
    const ratio = (medianOf(within, subject, what, value) ?? Number.NaN) / (medianOf(within, other, what, value) ?? 0);
    return Number.isFinite(ratio) ? [ratio] : [];
  });
  return ratios.length === 0 ? undefined : median(ratios);
}
