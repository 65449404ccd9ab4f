/** Where pino looks for whether a target wants to know the fields of a line. */
const WITH_METADATA = Symbol.for("pino.metadata");

/** Events that a busy server has many of in one turn of the event loop. */
const FREQUENT: ReadonlySet<unknown> = new Set(["tool-called", "prompt-requested", "resource-read"]);

/** Linux writes this much to a pipe at once: lines of other processes never come in between (PIPE_BUF). */
const MAX_TOGETHER = 4_096;

/** What pino writes lines to. */
export interface LineTarget {
  readonly [WITH_METADATA]: true;
  /** The fields of the line that comes next: set by pino. */
  lastObj: { readonly event?: unknown } | null | undefined;
  write(line: string): void;
}

/**
 * Writes lines at once, except those of frequent events: these are written together at the end of the turn, or with the
 * next other line. A write to a pipe costs more than everything else about a line. No line is lost when the process
 * exits in between.
 */
export function createLineTarget(
  destination: { write(text: string): unknown },
  format: (line: string) => string,
): LineTarget {
  let waiting = "";

  function flush(): void {
    if (waiting !== "") {
      const text = waiting;
      waiting = "";
      process.off("exit", flush);
      destination.write(text);
    }
  }

  return {
    [WITH_METADATA]: true,
    lastObj: undefined,
    write(line) {
      const text = format(line);
      if (waiting.length + text.length > MAX_TOGETHER) {
        flush();
      }
      const isFirst = waiting === "";
      waiting += text;
      if (!FREQUENT.has(this.lastObj?.event)) {
        flush();
      } else if (isFirst) {
        setImmediate(flush);
        process.on("exit", flush);
      }
    },
  };
}
