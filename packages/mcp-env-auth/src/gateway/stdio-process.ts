import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { createCountedLines } from "../counted-lines.ts";
import type { Logger } from "../logger.ts";

/** The longest line of a message, in characters. */
const MAX_LINE = 8 * 1024 * 1024;

/** The longest line of the log. */
const MAX_LOGGED = 1000;

/** How long a process may take to end before it is killed, milliseconds. */
const PATIENCE_MS = 2000;

/** How long what a process wrote last is waited for, milliseconds. */
const LAST_WORDS_MS = 1000;

/**
 * Starts the command with a guard in its process group. The guard waits for the end of file descriptor 3, which comes
 * when this process closes it or is gone, however it went, and kills the group then.
 */
const GUARDED = '{ read -r _ <&3; kill -KILL -$$; } </dev/null >/dev/null 2>&1 & exec "$@" 3<&-';

export interface StdioCommand {
  readonly command: readonly [string, ...string[]];
  /** All that its environment holds. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
}

/** An MCP server that speaks JSON lines on its standard input and output (MCP, Transports, stdio). */
export interface StdioProcess {
  send(message: object): void;
  /** Reads no more messages until {@link StdioProcess.resume}: what is not read stays in the pipe. */
  pause(): void;
  resume(): void;
  /** Ends the process and all that it started. */
  kill(): void;
}

export interface StdioEvents {
  message(message: Readonly<Record<string, unknown>>): void;
  /** Once, when the process has ended or could not be started. @param reason a clause, for the log. */
  end(reason: string): void;
}

export function startStdioProcess({ command, env, logger }: StdioCommand, events: StdioEvents): StdioProcess {
  const lines = createCountedLines(logger);
  const isWindows = process.platform === "win32";
  const [file, ...args] = isWindows ? command : (["/bin/sh", "-c", GUARDED, "sh", ...command] as const);
  const child = spawn(file, args, { env, detached: !isWindows, stdio: ["pipe", "pipe", "pipe", "pipe"] });
  const [stdin, stdout, stderr, guard] = child.stdio as unknown as [Writable, Readable, Readable, Writable];
  let hasEnded = false;
  let isReleased = false;

  const end = (reason: string) => {
    if (hasEnded) {
      return;
    }
    hasEnded = true;
    release();
    events.end(reason);
  };
  /** Once: the id of a group that is gone may become that of another one. */
  const release = () => {
    if (!isReleased) {
      isReleased = true;
      killGroup(child, "SIGKILL");
      guard.destroy();
    }
  };
  for (const stream of [stdin, stdout, stderr, guard]) {
    stream.on("error", () => {});
  }
  child.once("error", (error) => end(`it could not be started: ${error.message}`));
  child.once("exit", (code, signal) => {
    release();
    const reason = describeExit(code, signal);
    // What it wrote last may not have been read yet.
    child.once("close", () => end(reason));
    setTimeout(end, LAST_WORDS_MS, reason).unref();
  });
  readLines(stdout, MAX_LINE, {
    line(text) {
      const message = parse(text);
      if (message === undefined) {
        const told =
          "The command wrote a line to standard output that is not a message. Its log belongs on standard error";
        lines.warn("no message", { event: "upstream-noise" }, told);
      } else if (!hasEnded) {
        events.message(message);
      }
    },
    tooLong: () => end(`it wrote a line of more than ${MAX_LINE} characters`),
  });
  readLines(stderr, MAX_LOGGED, {
    line: (text) => lines.info(text, { event: "upstream-stderr" }, text),
    tooLong() {},
  });

  return {
    send: (message) => void (hasEnded || stdin.write(`${JSON.stringify(message)}\n`)),
    pause: () => void stdout.pause(),
    resume: () => void stdout.resume(),
    kill() {
      stdin.end();
      if (!isReleased) {
        killGroup(child, "SIGTERM");
      }
      setTimeout(end, PATIENCE_MS, "it did not stop").unref();
    },
  };
}

interface LineEvents {
  line(text: string): void;
  /** A line is longer than it may be. What is left of it is dropped. */
  tooLong(): void;
}

function readLines(stream: Readable, limit: number, { line, tooLong }: LineEvents): void {
  const decoder = new TextDecoder();
  let parts: string[] = [];
  let length = 0;
  let isDropped = false;
  const finish = () => {
    const text = parts.join("").trimEnd();
    if (!isDropped && text !== "") {
      line(text);
    }
    [parts, length, isDropped] = [[], 0, false];
  };
  stream.on("data", (chunk: Buffer) => {
    const [first = "", ...others] = decoder.decode(chunk, { stream: true }).split("\n");
    keep(first);
    for (const text of others) {
      finish();
      keep(text);
    }
  });

  function keep(text: string): void {
    length += text.length;
    if (length <= limit) {
      parts.push(text);
    } else if (!isDropped) {
      isDropped = true;
      parts = [];
      tooLong();
    }
  }
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function killGroup({ pid, kill }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined && process.platform !== "win32") {
      process.kill(-pid, signal);
    } else if (pid !== undefined) {
      kill(signal);
    }
  } catch {
    // It is gone.
  }
}

function describeExit(code: number | null, signal: NodeJS.Signals | null): string {
  if (code === 127 || code === 126) {
    return `its command was not found, or can't be run (exit code ${code})`;
  }
  return signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`;
}
