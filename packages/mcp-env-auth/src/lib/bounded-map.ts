import type { Clock } from "./clock.ts";
import { type Expiring, ExpiryQueue } from "./expiry-queue.ts";

export interface BoundedMapOptions {
  /** How many live entries fit. */
  readonly capacity: number;
  /** What gives way to a new entry when all are live: the one that ends first, or the new one. */
  readonly whenFull: "evict" | "refuse";
  readonly clock: Clock;
}

interface Entry<V> extends Expiring {
  readonly key: string;
  readonly value: V;
}

/**
 * A map whose entries end, and that never holds more than its capacity. An ended entry is gone for every reader, and is
 * dropped before a live one has to give way.
 */
export class BoundedMap<V> {
  readonly #options: BoundedMapOptions;
  readonly #entries = new Map<string, Entry<V>>();
  readonly #queue = new ExpiryQueue<Entry<V>>();

  constructor(options: BoundedMapOptions) {
    this.#options = options;
  }

  /** Live entries, and those that ended since the last change. */
  get size(): number {
    return this.#entries.size;
  }

  get(key: string): V | undefined {
    return this.#live(key)?.value;
  }

  has(key: string): boolean {
    return this.#live(key) !== undefined;
  }

  /** When the entry ends, in seconds since the Unix epoch. */
  expiresAt(key: string): number | undefined {
    return this.#live(key)?.expiresAt;
  }

  /** Keeps `value` until `expiresAt`, over any earlier one. False when the map is full and refuses. */
  set(key: string, value: V, expiresAt: number): boolean {
    this.delete(key);
    this.#dropEnded();
    if (this.size >= this.#options.capacity) {
      const first = this.#options.whenFull === "evict" ? this.#queue.first() : undefined;
      if (first === undefined) {
        return false;
      }
      this.#drop(first);
    }
    const entry = { key, value, expiresAt, index: 0 };
    this.#entries.set(key, entry);
    this.#queue.add(entry);
    return true;
  }

  /** The live entries of this moment. */
  entries(): (readonly [key: string, value: V])[] {
    const now = this.#options.clock();
    return [...this.#entries.values()].filter((entry) => entry.expiresAt > now).map(({ key, value }) => [key, value]);
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) {
      this.#drop(entry);
    }
  }

  clear(): void {
    for (const entry of this.#entries.values()) {
      this.#drop(entry);
    }
  }

  #live(key: string): Entry<V> | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.expiresAt > this.#options.clock() ? entry : undefined;
  }

  #dropEnded(): void {
    const now = this.#options.clock();
    for (let first = this.#queue.first(); first && first.expiresAt <= now; first = this.#queue.first()) {
      this.#drop(first);
    }
  }

  #drop(entry: Entry<V>): void {
    this.#entries.delete(entry.key);
    this.#queue.remove(entry);
  }
}
