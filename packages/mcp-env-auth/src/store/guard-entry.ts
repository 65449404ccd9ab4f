import type { GuardClass } from "./guard-store.ts";

/** Every class of entry, in the order of {@link GuardClass}. */
export const GUARD_CLASSES = [
  "login",
  "code",
  "refresh",
  "lock",
  "answer",
  "exchange",
  "assertion",
  "token",
  "deny-token",
  "deny-family",
  "deny-subject",
  "deny-client",
] as const satisfies readonly GuardClass[];

/** Whether entries of this class are denials: never evicted and never shortened. */
export function isDenial(kind: GuardClass): boolean {
  return kind.startsWith("deny-");
}

/**
 * A time to live in whole milliseconds, at least one.
 *
 * @throws RangeError when `ttl` (seconds) is not finite.
 */
export function ttlMilliseconds(ttl: number): number {
  if (!Number.isFinite(ttl)) {
    throw new RangeError("The time to live of a guard entry must be a finite number of seconds.");
  }
  return Math.max(1, Math.ceil(ttl * 1000));
}
