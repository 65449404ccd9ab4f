import type { Clock } from "../lib/clock.ts";

/**
 * Keeps callers away from something that has just failed, and lets one of them at a time find out whether it is back.
 */
export interface CircuitBreaker {
  /** Whether to try now. Each `true` is answered by `succeeded` or `failed`. */
  admits(): boolean;
  succeeded(): void;
  failed(): void;
}

/** A circuit breaker that opens at the first failure, for `pause` seconds. */
export function createCircuitBreaker(pause: number, clock: Clock): CircuitBreaker {
  let openUntil: number | undefined;
  let probing = false;
  return {
    admits() {
      if (openUntil === undefined) {
        return true;
      }
      if (probing || clock() < openUntil) {
        return false;
      }
      probing = true;
      return true;
    },
    succeeded() {
      openUntil = undefined;
      probing = false;
    },
    failed() {
      openUntil = clock() + pause;
      probing = false;
    },
  };
}
