/**
 * @import { Machine } from "./machine/describe-machine.mjs"
 * @import { Failure } from "./measure-all.mjs"
 * @import { Options } from "./options.mjs"
 * @import { Sample } from "./report/samples.mjs"
 * @import { TargetResult } from "./report/targets.mjs"
 * @import { Subject } from "./subjects.mjs"
 *
 * @typedef {object} Run What one run measured, and on what.
 * @property {Machine} machine
 * @property {readonly Machine[]} earlier Of the runs that were added to it.
 * @property {string} startedAt ISO 8601
 * @property {Options} options
 * @property {readonly Subject[]} subjects
 * @property {readonly Sample[]} samples
 * @property {readonly Failure[]} failures
 * @property {readonly TargetResult[]} targets
 */

export {};
