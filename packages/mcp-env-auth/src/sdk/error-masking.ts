import { randomUUID } from "node:crypto";
import { types } from "node:util";
import { Denied, ToolError, UnfitResult } from "../errors.ts";
import { describeStray, loggableError } from "../lib/loggable-error.ts";
import type { Logger } from "../logger.ts";
import { activeTelemetry } from "../telemetry.ts";
import { noteOutcome } from "./noted-outcomes.ts";

/**
 * What anything that a handler threw becomes: a `ToolError`'s message as it is; of everything else only a reference,
 * under which the log has it in full. It never throws.
 *
 * @param what the beginning of a sentence: which handler it was.
 * @param signal of the request: a handler that was ended by it has not failed.
 */
export function maskError(thrown: unknown, what: string, logger: Logger, signal?: AbortSignal): string {
  if (signal?.aborted && isAbort(thrown, signal)) {
    logger.debug({}, `${what} was ended: its client cancelled it, or left`);
    noteOutcome(signal, { outcome: "cancelled" });
    return "Cancelled.";
  }
  activeTelemetry()?.failed();
  if (isA(thrown, ToolError)) {
    const told = read(() => thrown.message);
    if (typeof told === "string") {
      noteOutcome(signal, { outcome: isA(thrown, Denied) ? "refused" : "error" });
      logCause(thrown, what, logger);
      return told;
    }
  }
  const unaskable = whyUnaskable(thrown);
  if (unaskable !== undefined) {
    noteOutcome(signal, { outcome: "error" });
    return unaskable;
  }
  const reference = randomUUID();
  noteOutcome(signal, { outcome: isTimeout(thrown) ? "timed-out" : "error", reference });
  if (isA(thrown, UnfitResult)) {
    logger.error({ reference, path: thrown.path }, `${what} ${thrown.message}`);
  } else {
    const stray = describeStray(thrown);
    const remedy =
      stray === undefined ? "failed" : `threw ${stray}. Throw an Error, which says where, or a ToolError for the user.`;
    logSafely(logger, "error", { err: loggableError(thrown), reference }, `${what} ${remedy}`);
  }
  return `Something went wrong in the server. Its operator can look up ${reference} in the log.`;
}

/** Proxies are taken for nothing that they pass for: their traps may throw, or lie. */
export function isA<T>(thrown: unknown, kind: abstract new (...args: never[]) => T): thrown is T {
  if (typeof thrown !== "object" || thrown === null || types.isProxy(thrown)) {
    return false;
  }
  try {
    return thrown instanceof kind;
  } catch {
    return false;
  }
}

/** The user reads the message; what led to it is for the author. */
function logCause(error: ToolError, what: string, logger: Logger): void {
  const cause = read(() => error.cause);
  if (cause !== undefined) {
    logSafely(logger, "debug", { err: loggableError(cause) }, `${what} answered with a ToolError. This is its cause`);
  }
}

interface Failure {
  readonly err: Error;
  readonly reference?: string;
}

/** A logger of the author's that can't write an error still writes which one it was. */
function logSafely(logger: Logger, level: "debug" | "error", { err, ...fields }: Failure, message: string): void {
  try {
    logger[level]({ err, ...fields }, message);
  } catch {
    logger[level](fields, message);
  }
}

function read<T>(get: () => T): T | undefined {
  try {
    return get();
  } catch {
    return undefined;
  }
}

// What is given the signal rejects with its reason, or with an error of its own that has this name (DOM, Abort a
// signal).
function isAbort(thrown: unknown, { reason }: AbortSignal): boolean {
  if (thrown === reason) {
    return true;
  }
  return isA(thrown, Error) && read(() => thrown.name) === "AbortError";
}

/** What `AbortSignal.timeout()` rejects with. */
function isTimeout(thrown: unknown): boolean {
  return isA(thrown, Error) && read(() => thrown.name) === "TimeoutError";
}

/** What the SDK says of a client that did not declare what it is asked for. Its own class is not loaded at a start. */
function whyUnaskable(thrown: unknown): string | undefined {
  if (!isA(thrown, Error) || read(() => (thrown as { code?: unknown }).code) !== "CAPABILITY_NOT_SUPPORTED") {
    return undefined;
  }
  const message = read(() => thrown.message);
  return message?.startsWith("Client does not support")
    ? `The client can't be asked. ${message.replace(/\.$/, "")}. It must declare that at initialize, take events (Accept: text/event-stream), and send the Mcp-Session-Id that it got.`
    : undefined;
}
