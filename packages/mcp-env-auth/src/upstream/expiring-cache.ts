import type { Clock } from "../clock.ts";

/** Values that end, at most so many: what was put in first makes room. */
export class ExpiringCache<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly until: number }>();
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
    if (entry === undefined) return undefined;
    if (entry.until > this.#clock()) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  /** @param until seconds since the Unix epoch; what has passed is not kept. */
  set(key: string, value: Value, until: number): void {
    this.#entries.delete(key);
    if (until <= this.#clock()) return;
    for (const [oldest, entry] of this.#entries) {
      if (entry.until > this.#clock() && this.#entries.size < this.#capacity) break;
      this.#entries.delete(oldest);
    }
    this.#entries.set(key, { value, until });
  }
}
