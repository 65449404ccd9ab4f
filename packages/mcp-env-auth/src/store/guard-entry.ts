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
  "id-jag",
  "proof",
  "token",
  "setting",
  "deny-token",
  "deny-family",
  "deny-subject",
  "deny-client",
  "deny-session",
] as const satisfies readonly GuardClass[];

/** Whether entries of this class are denials: never evicted and never shortened. */
export function isDenial(kind: GuardClass): boolean {
  return kind.startsWith("deny-");
}

/** Denies everything that goes by an id. */
export const DENIAL_OF_ALL = "1";

/** Denies what began at `time` (seconds since the Unix epoch) or before, and nothing that began later. */
export function denialUntil(time: number): string {
  return `until ${time}`;
}

/** Whether the denial `value` counts for what began at `since`; without that, only a denial of everything does. */
export function denies(value: string | undefined, since?: number): boolean {
  if (value === undefined) {
    return false;
  }
  const until = /^until (\d+(?:\.\d+)?)$/.exec(value)?.[1];
  return until === undefined || (since !== undefined && since <= Number(until));
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
