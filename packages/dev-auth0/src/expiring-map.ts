import type { Clock } from "./clock.ts";

const MAX_ENTRIES = 10_000;

/** An entry that outlives the process. `expiresAt` is in seconds since the Unix epoch. */
export interface SavedEntry<Value> {
  readonly key: string;
  readonly value: Value;
  readonly expiresAt: number;
}

/** A map whose entries end by the clock. It holds 10,000 at most and drops the oldest for a new one. */
export class ExpiringMap<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly expiresAt: number }>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param lifetime seconds */
  set(key: string, value: Value, lifetime: number): void {
    const oldest = this.#entries.keys().next();
    if (this.#entries.size >= MAX_ENTRIES && !oldest.done) {
      this.#entries.delete(oldest.value);
    }
    this.#entries.delete(key);
    this.#entries.set(key, { value, expiresAt: this.#clock() + lifetime });
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      return undefined;
    }
    if (entry.expiresAt > this.#clock()) {
      return entry.value;
    }
    this.#entries.delete(key);
    return undefined;
  }

  /** What has not ended, oldest first. */
  saved(): SavedEntry<Value>[] {
    const now = this.#clock();
    return [...this.#entries]
      .filter(([, { expiresAt }]) => expiresAt > now)
      .map(([key, { value, expiresAt }]) => ({ key, value, expiresAt }));
  }

  restore(entries: readonly SavedEntry<Value>[]): void {
    for (const { key, value, expiresAt } of entries) {
      this.#entries.set(key, { value, expiresAt });
    }
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  deleteAll(which: (key: string) => boolean): void {
    for (const key of [...this.#entries.keys()].filter(which)) {
      this.#entries.delete(key);
    }
  }
}
