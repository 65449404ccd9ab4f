import { afterEach, expect } from "vitest";

/** What a handler that nobody may reach says, if somebody does. */
export interface ProtectedHandlers {
  /** Those that ran. After each test of the file there must be none. */
  readonly ran: string[];
  run(what: string): () => string;
}

/** Handlers for an attack to reach. Call it once in a file, outside of its tests. */
export function useProtectedHandlers(): ProtectedHandlers {
  const ran: string[] = [];
  afterEach(() => {
    expect(ran).toEqual([]);
  });
  return {
    ran,
    run: (what) => () => {
      ran.push(what);
      return `SECRET ${what}`;
    },
  };
}
