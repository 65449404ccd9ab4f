import type { Clock } from "./clock.ts";

interface Entry<Value> {
  readonly value: Value;
  readonly until: number;
  used: boolean;
}

/** Values that end, at most so many: of those that were not used since there last was no room, the oldest makes it. */
export class ExpiringCache<Value> {
  readonly #entries = new Map<string, Entry<Value>>();
  readonly #capacity: number;
  readonly #clock: Clock;

  constructor(capacity: number, clock: Clock) {
    this.#capacity = capacity;
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      return undefined;
    }
    if (entry.until > this.#clock()) {
      entry.used = true;
      return entry.value;
    }
    this.#entries.delete(key);
    return undefined;
  }

  /** @param until seconds since the Unix epoch; what has passed is not kept. */
  set(key: string, value: Value, until: number): void {
    this.#entries.delete(key);
    if (until <= this.#clock()) {
      return;
    }
    this.#makeRoom();
    this.#entries.set(key, { value, until, used: false });
  }

  /** What was used goes to the end of the queue, once: to move it there at each use would cost more than to find it. */
  #makeRoom(): void {
    for (const [key, entry] of this.#entries) {
      const hasEnded = entry.until <= this.#clock();
      if (!hasEnded && this.#entries.size < this.#capacity) {
        return;
      }
      this.#entries.delete(key);
      if (hasEnded || !entry.used) {
        continue;
      }
      entry.used = false;
      this.#entries.set(key, entry);
    }
  }
}
