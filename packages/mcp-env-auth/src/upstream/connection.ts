import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../logger.ts";
import type { Upstream, UpstreamConnection } from "./upstream.ts";
import { UpstreamError } from "./upstream-client.ts";

const FIRST_PAUSE = 1;
const LONGEST_PAUSE = 30;

export interface UpstreamConnectionOptions {
  /** Finds the provider. A rejection with `UpstreamError` of kind `unavailable` is tried again; any other is final. */
  discover(): Promise<Upstream>;
  readonly logger: Logger;
  /** What to check while the provider can't be reached: a sentence. */
  readonly hint?: string;
  /** Waits `seconds`, or rejects once `signal` is aborted. Default: a timer. */
  pause?(seconds: number, signal: AbortSignal): Promise<unknown>;
  /** From 0 to 1. Default `Math.random`. */
  random?(): number;
}

/**
 * Finds the identity provider in the background: tries until it answers, with pauses that grow from 1 s to 30 s, each
 * shortened at random by up to a half so that replicas do not call in step. What was found once is kept.
 *
 * `start` resolves without a provider when `close` comes first.
 */
export function createUpstreamConnection(options: UpstreamConnectionOptions): UpstreamConnection {
  const { logger, hint = "", pause = wait, random = Math.random } = options;
  const closing = new AbortController();
  let known: Upstream | undefined;
  let started: Promise<void> | undefined;

  async function connect(): Promise<void> {
    for (let failures = 0; !closing.signal.aborted; failures++) {
      try {
        known = await options.discover();
        return;
      } catch (error) {
        if (!(error instanceof UpstreamError && error.kind === "unavailable")) {
          throw error;
        }
        const seconds = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failures) * (1 - random() / 2);
        logger.warn(
          { attempt: failures + 1, retryInSeconds: seconds },
          `The identity provider can't be reached. ${error.message} ${hint}`.trimEnd(),
        );
        await pause(seconds, closing.signal).catch(() => undefined);
      }
    }
  }

  return {
    current: () => known,
    start() {
      started ??= connect();
      return started;
    },
    close() {
      closing.abort();
    },
  };
}

function wait(seconds: number, signal: AbortSignal): Promise<unknown> {
  return sleep(seconds * 1000, undefined, { signal });
}
