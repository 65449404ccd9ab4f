import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { until } from "../../support/in-process.ts";

const LOG_IN = fileURLToPath(new URL("log-in.mjs", import.meta.url));

/** Someone at a machine whose default browser logs them in wherever a program opens it. */
export interface Person {
  /** What a program must see in its environment to open that browser. */
  readonly env: { readonly BROWSER: string };
  /** A folder with that browser as `xdg-open`, for the PATH of programs that do not look at BROWSER. */
  readonly bin: string;
  /** A folder of the person's own, empty at first: for what a program keeps. */
  readonly home: string;
  /** What came of each login so far. Waits for those that have begun: a program may be done before its browser is. */
  logins(): Promise<string[]>;
  /** The titles of all pages that the browser showed so far. */
  pages(): Promise<string[]>;
  /** Waits until a login ended on a page without a way on, or until `signal`. */
  stranded(signal: AbortSignal): Promise<void>;
  dispose(): Promise<void>;
}

/** Someone for as long as the test runs. */
export async function someone(username: string): Promise<Person> {
  const person = await createPerson(username);
  onTestFinished(person.dispose);
  return person;
}

export async function createPerson(username: string): Promise<Person> {
  const home = await mkdtemp(join(tmpdir(), "person-"));
  const journal = join(home, "logins.txt");
  const begun = join(home, "begun.txt");
  const bin = join(home, "bin");
  const browser = join(bin, "xdg-open");
  const command = [process.execPath, LOG_IN, username, journal].map((word) => `'${word}'`).join(" ");
  const shown = `${journal}.pages`;
  await Promise.all([journal, begun, shown].map((file) => writeFile(file, "")));
  await mkdir(bin);
  // In the background, as a browser that is open already: some programs wait until the command ends.
  await writeFile(browser, `#!/bin/sh\necho begun >> '${begun}'\n${command} "$1" >/dev/null 2>&1 &\n`);
  await chmod(browser, 0o755);
  const linesOf = async (file: string) => (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
  return {
    env: { BROWSER: browser },
    bin,
    home,
    pages: () => linesOf(shown),
    stranded: (signal) =>
      until(async () => signal.aborted || (await linesOf(journal)).some((line) => !line.startsWith("logged in"))),
    async logins() {
      const count = (await linesOf(begun)).length;
      await until(async () => (await linesOf(journal)).length >= count);
      return linesOf(journal);
    },
    dispose: () => rm(home, { recursive: true, force: true }),
  };
}
