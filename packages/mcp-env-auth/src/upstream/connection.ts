import { setTimeout as sleep } from "node:timers/promises";
import { type Clock, systemClock } from "../lib/clock.ts";
import type { Logger } from "../logger.ts";
import type { Upstream, UpstreamConnection } from "./upstream.ts";
import { NoMetadata, UpstreamError } from "./upstream-client.ts";

const FIRST_PAUSE = 1;
const LONGEST_PAUSE = 30;

export interface UpstreamConnectionOptions {
  /**
   * Finds the provider. `UpstreamError` of kind `unavailable` is tried again, `NoMetadata` within `patience`; any other
   * error is final.
   */
  discover(): Promise<Upstream>;
  readonly logger: Logger;
  /** Seconds for which something else may answer in the provider's place. Default 0: the first such answer is final. */
  readonly patience?: number | undefined;
  /** What to check while the provider can't be reached: a sentence. */
  readonly hint?: string;
  readonly clock?: Clock;
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
  const { logger, patience = 0, hint = "", clock = systemClock, pause = wait, random = Math.random } = options;
  const closing = new AbortController();
  let known: Upstream | undefined;
  let started: Promise<void> | undefined;
  let trouble: string | undefined;
  /** When something else began to answer in the provider's place. */
  let misledSince: number | undefined;

  /** What to log of a failure that may pass. @throws the error when it is final. */
  function describe(error: unknown): string {
    if (error instanceof UpstreamError && error.kind === "unavailable") {
      [trouble, misledSince] = [undefined, undefined];
      return `The identity provider can't be reached. ${error.message} ${hint}`.trimEnd();
    }
    if (!(error instanceof NoMetadata)) {
      throw error;
    }
    trouble = error.found;
    misledSince ??= clock();
    const left = misledSince + patience - clock();
    if (left <= 0) {
      throw error;
    }
    return `Something else answers in the identity provider's place, which happens while a cluster starts. If it still does in ${Math.ceil(left)} s, the start fails. ${error.message}`;
  }

  async function connect(): Promise<void> {
    for (let failures = 0; !closing.signal.aborted; failures++) {
      try {
        known = await options.discover();
        return;
      } catch (error) {
        const message = describe(error);
        const seconds = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failures) * (1 - random() / 2);
        logger.warn({ attempt: failures + 1, retryInSeconds: seconds }, message);
        await pause(seconds, closing.signal).catch(() => undefined);
      }
    }
  }

  return {
    current: () => known,
    trouble: () => trouble,
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
