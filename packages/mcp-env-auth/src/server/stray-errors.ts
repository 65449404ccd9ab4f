import { randomUUID } from "node:crypto";
import { type CountedLines, createCountedLines } from "../counted-lines.ts";
import { ConfigError } from "../errors.ts";
import { describeStray, loggableError } from "../lib/loggable-error.ts";
import type { Logger } from "../logger.ts";
import { type Running, trackHandlers, whatRuns } from "../running-handler.ts";

/** A server of `run()`, which errors that nobody caught would end. */
export interface StrayErrorOptions {
  readonly logger: Logger;
  /** FASTMCP_DEV: whether the server stays up. */
  readonly dev: boolean;
  /** Settles when requests in flight are finished. */
  readonly close: () => Promise<void>;
}

/** Node's settings by which rejections that nobody awaited are handled otherwise than by default. */
const OWN_MODE = /--unhandled-rejections[= ](?:none|warn|strict)\b/;

interface Watched extends StrayErrorOptions {
  readonly counted: CountedLines;
}

const servers = new Set<Watched>();
const startFailures = new WeakSet<object>();
let isEnding = false;

/**
 * Watches, until the answer is called, for errors that nobody caught: a forgotten `await`, a throw in a timer. They are
 * logged with their likely cause. A rejection that a call began leaves the server up. After all else it finishes what
 * is in flight, and the process ends with code 1; with `dev` it stays up. Handlers of the program's own are left alone,
 * whether they are there already or come later.
 */
export function watchStrayErrors(server: StrayErrorOptions): () => void {
  if (servers.size === 0) {
    install();
  }
  const watched = { ...server, counted: createCountedLines(server.logger) };
  servers.add(watched);
  return () => {
    servers.delete(watched);
    if (servers.size === 0 && !isEnding) {
      process.off("uncaughtException", onException).off("unhandledRejection", onRejection);
    }
  };
}

/** Has `error` end the process also where others would not: without a start there is nothing that could stay up. */
export function markStartFailure(error: unknown): void {
  if (typeof error === "object" && error !== null) {
    startFailures.add(error);
  }
}

function install(): void {
  const hasOwn = process.listenerCount("uncaughtException") > 0 || process.hasUncaughtExceptionCaptureCallback();
  if (hasOwn) {
    return;
  }
  trackHandlers();
  process.on("uncaughtException", onException);
  const options = [...process.execArgv, process.env.NODE_OPTIONS ?? ""].join(" ");
  if (process.listenerCount("unhandledRejection") === 0 && !OWN_MODE.test(options)) {
    process.on("unhandledRejection", onRejection);
  }
}

function onException(error: unknown, origin: NodeJS.UncaughtExceptionOrigin): void {
  // The program's own handler came later, and decides.
  if (process.listenerCount("uncaughtException") === 1) {
    // Node makes an exception of a rejection where its settings ask for that: it ends the process, as they say.
    report(error, origin === "unhandledRejection" ? "strict rejection" : "exception");
  }
}

function onRejection(reason: unknown): void {
  if (process.listenerCount("unhandledRejection") > 1) {
    return;
  }
  if (process.listenerCount("uncaughtException") > 1) {
    // As without this handler: Node makes an exception of it, which the program's own handler gets.
    throw reason;
  }
  report(reason, "rejection");
}

function report(thrown: unknown, origin: "exception" | "rejection" | "strict rejection"): void {
  const [first] = servers;
  const running = whatRuns();
  if (first !== undefined && origin === "rejection" && running !== undefined && !isStartFailure(thrown)) {
    reportOfCall(thrown, running, first);
    return;
  }
  const isLost = (thrown as { code?: unknown } | null | undefined)?.code === "EPIPE";
  if (first === undefined || isLost) {
    // Nobody reads the log any more, and each line would be another error.
    process.exit(1);
  }
  const handler = running?.label;
  const staysUp = [...servers].every(({ dev }) => dev) && !isStartFailure(thrown);
  const where = handler === undefined ? "" : ` It was begun by ${inSentence(handler)}.`;
  const cause =
    origin === "exception"
      ? "An error was thrown where nobody catches it: likely in a timer, an event or a callback. Catch it there."
      : FORGOTTEN;
  const outcome = staysUp
    ? "The server stays up, because FASTMCP_DEV is true; in production it would end."
    : "The server finishes the requests in flight, and ends with code 1.";
  first.logger.error({ ...errorField(thrown), handler }, `${cause}${where}${describeThrown(thrown)} ${outcome}`);
  if (!staysUp) {
    void end();
  }
}

/**
 * Logs a rejection that a call began: no single user may end the process for all others. Once a minute for each
 * handler, since callers can bring about as many as they like.
 */
function reportOfCall(thrown: unknown, { label, isSchema }: Running, { counted }: Watched): void {
  const fields = { ...errorField(thrown), handler: label, reference: randomUUID() };
  if (isSchema) {
    // Its author did await it, and the caller has an answer.
    counted.error(label, fields, `${label} rejected more than once for a call, and only the first counts`);
    return;
  }
  const where = ` It was begun by a call of ${inSentence(label)}.`;
  counted.error(label, fields, `${FORGOTTEN}${where}${describeThrown(thrown)} The server stays up.`);
}

const FORGOTTEN =
  "A promise rejected, and nobody waited for it: likely an `await` is missing. Await it, or add .catch().";

const inSentence = (label: string): string => label.replace(/^The /, "the ");

function errorField(thrown: unknown): { readonly err?: Error } {
  return thrown instanceof ConfigError ? {} : { err: loggableError(thrown) };
}

/** What there is to say of what was thrown, in sentences. */
function describeThrown(thrown: unknown): string {
  if (thrown instanceof ConfigError) {
    return ` ${thrown.message}`;
  }
  const stray = describeStray(thrown);
  return stray === undefined ? "" : ` What was thrown is ${stray}; throw an Error, which says where.`;
}

function isStartFailure(thrown: unknown): boolean {
  return typeof thrown === "object" && thrown !== null && startFailures.has(thrown);
}

async function end(): Promise<void> {
  if (isEnding) {
    return;
  }
  isEnding = true;
  await Promise.allSettled([...servers].map(({ close }) => close()));
  process.exit(1);
}
