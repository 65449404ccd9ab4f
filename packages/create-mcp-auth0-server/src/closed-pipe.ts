import type { Writable } from "node:stream";

/**
 * Lets the work go on when nobody reads its output any more, as with `| head -1`. Any other failure to write is thrown
 * as before.
 */
export function outliveReader(...outputs: readonly Writable[]): void {
  for (const output of outputs) {
    output.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") {
        throw error;
      }
    });
  }
}
