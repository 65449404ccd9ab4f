import { PassThrough, Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";

export const ENTER = "\r";
export const DOWN = "\u001b[B";
export const CTRL_C = "\u0003";
export const CTRL_D = "\u0004";

/** A terminal with a person at it, in memory. */
export interface Terminal {
  readonly input: PassThrough & { isTTY: boolean };
  readonly output: Writable & { isTTY: boolean; columns: number };
  /** Waits for the text to be shown, after what was waited for before, and types. */
  type(afterText: string, keys: string): Promise<void>;
  /** Everything shown so far, without colours and cursor movements. */
  shown(): string;
}

export function createTerminal(): Terminal {
  let shown = "";
  let seen = 0;
  const waiting = new Set<() => void>();
  const output = new Writable({
    write(chunk, _encoding, done) {
      shown += stripVTControlCharacters(String(chunk));
      for (const check of waiting) {
        check();
      }
      done();
    },
  });
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => input });
  const waitFor = (text: string) =>
    new Promise<void>((resolve) => {
      const check = () => {
        const found = shown.indexOf(text, seen);
        if (found === -1) {
          return;
        }
        seen = found + text.length;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  return {
    input,
    output: Object.assign(output, { isTTY: true, columns: 100 }),
    shown: () => shown,
    async type(afterText, keys) {
      await waitFor(afterText);
      await new Promise(setImmediate);
      input.write(keys);
    },
  };
}
