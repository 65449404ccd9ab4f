/** Requests that this process sends, and that don't leave it yet. */
export interface HeldRequests {
  /** Settles when the first is there. */
  readonly reached: Promise<void>;
  /** Sends them, and holds no more. */
  letGo(): void;
}

/**
 * Holds what servers in this process send to addresses that begin with `prefix`. A test that does so before the
 * provider answers knows what is under way, and needs to guess no delay.
 */
export function holdRequests(prefix: string): HeldRequests {
  const { fetch } = globalThis;
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    globalThis.fetch = async (input, init) => {
      if (String(input).startsWith(prefix)) {
        resolve();
        await gate;
      }
      return fetch(input, init);
    };
  });
  return {
    reached,
    letGo() {
      globalThis.fetch = fetch;
      open();
    },
  };
}
