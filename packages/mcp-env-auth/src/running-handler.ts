import { AsyncLocalStorage } from "node:async_hooks";

/** What of an author's runs at the moment. */
export interface Running {
  /** The beginning of a sentence about it. */
  readonly label: string;
  /** Whether it is the code of a schema, of whose promises a library may drop one that its author did await. */
  readonly isSchema: boolean;
}

const running = new AsyncLocalStorage<Running>();
let isTracked = false;

/** From now on, what a handler begins knows which handler it was. Nobody asks in a process without `run()`. */
export function trackHandlers(): void {
  isTracked = true;
}

/** Runs the handler that `label` names. */
export function runHandler<T>(label: string, run: () => T): T {
  return isTracked ? running.run({ label, isSchema: false }, run) : run();
}

/** Runs what answers a request and may run an author's code outside a handler: a completer, a validator. */
export function runRequest<T>(describe: () => string, run: () => T): T {
  if (!isTracked) {
    return run();
  }
  return running.run(
    {
      get label() {
        return describe();
      },
      isSchema: false,
    },
    run,
  );
}

/** Runs the code of the schema that `label` names. */
export function runSchema<T>(label: string, run: () => T): T {
  return isTracked ? running.run({ label, isSchema: true }, run) : run();
}

/** What began what runs at the moment, as far as that can be told. */
export function whatRuns(): Running | undefined {
  return running.getStore();
}
