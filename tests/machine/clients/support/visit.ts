import { createPerson } from "../../support/person.ts";
import type { ClientStack } from "./client-stack.ts";
import { runAs } from "./journey.ts";
import { describeExchange, type Exchange } from "./recorder.ts";

/**
 * The command that takes steps at a server: `PROGRAM ARGS… URL STEP…`. A step is `list`, `TOOL=ARGUMENTS` or `log out`.
 */
export interface ClientCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** Milliseconds; then it is ended. Default: a minute. */
  readonly timeout?: number;
}

/** A person who uses one client at one server, as often as it takes. */
export interface Visit {
  /** Runs the client once. It may fail: what that means is for the caller. */
  run(client: ClientCommand, steps: readonly string[], options?: { readonly timeout?: number }): Promise<void>;
  /** One for each step that was answered, of all runs. */
  readonly results: readonly Record<string, unknown>[];
  /** All that the client wrote. */
  output(): string;
  logins(): Promise<string[]>;
  /** What came by meanwhile: one visit at a time at a server. */
  exchanges(): readonly Exchange[];
  /** @throws Error unless `condition` holds, with all that the person saw and every request. */
  demand(condition: boolean, otherwise: string): Promise<void>;
  close(): Promise<void>;
}

export async function openVisit(username: string, { url, recorder }: ClientStack): Promise<Visit> {
  const person = await createPerson(username);
  const begun = recorder.exchanges.length;
  const results: Record<string, unknown>[] = [];
  const written: string[] = [];
  const exchanges = () => recorder.exchanges.slice(begun);
  return {
    async run({ program, args, timeout: patience }, steps, { timeout = patience } = {}) {
      const { steps: answers, errors } = await runAs(person, program, [...args, url, ...steps], timeout);
      results.push(...answers);
      written.push(...answers.map((answer) => JSON.stringify(answer)), errors);
    },
    results,
    output: () => written.join("\n"),
    logins: () => person.logins(),
    exchanges,
    async demand(condition, otherwise) {
      if (!condition) {
        const browser = [...(await person.logins()), ...(await person.pages())];
        throw new Error([otherwise, ...written, ...browser, ...exchanges().map(describeExchange)].join("\n"));
      }
    },
    close: () => person.dispose(),
  };
}
