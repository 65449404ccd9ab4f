import type { Clock } from "./clock.ts";
import { type Expiring, ExpiryQueue } from "./expiry-queue.ts";

export interface BoundedMapOptions {
  /** How many live entries fit. */
  readonly capacity: number;
  /**
   * What gives way to a new entry when all are live. `refuse`: the new one. `evict`: the one that ends first. `evict
   * unused`: the oldest of those that nobody has asked for since there last was no room.
   */
  readonly whenFull: "evict" | "evict unused" | "refuse";
  /** How many live entries one owner may have. Default: any number. */
  readonly share?: number;
  readonly clock: Clock;
}

interface Entry<V> extends Expiring {
  readonly key: string;
  readonly value: V;
  readonly owner: string | undefined;
  used: boolean;
}

/**
 * A map whose entries end, and that never holds more than its capacity. An ended entry is gone for every reader, and is
 * dropped before a live one has to give way. No package does this: `lru-cache` can't refuse, and what a server has
 * loaded when it listens is limited (start-imports.test.ts).
 */
export class BoundedMap<V> {
  readonly #options: BoundedMapOptions;
  readonly #entries = new Map<string, Entry<V>>();
  readonly #queue = new ExpiryQueue<Entry<V>>();
  /** How many entries each owner has. */
  readonly #owned = new Map<string, number>();

  constructor(options: BoundedMapOptions) {
    this.#options = options;
  }

  /** Live entries, and those that ended since the last change. */
  get size(): number {
    return this.#entries.size;
  }

  get(key: string): V | undefined {
    const entry = this.#live(key);
    if (entry === undefined) {
      return undefined;
    }
    entry.used = true;
    return entry.value;
  }

  has(key: string): boolean {
    return this.#live(key) !== undefined;
  }

  /** When the entry ends, in seconds since the Unix epoch. */
  expiresAt(key: string): number | undefined {
    return this.#live(key)?.expiresAt;
  }

  /**
   * Keeps `value` until `expiresAt`, over any earlier one. False when the map is full and refuses. What has ended
   * already takes nobody's place.
   *
   * @param expiresAt seconds since the Unix epoch.
   * @param owner whose share it takes from. False when that is used up; {@link BoundedMap.hasShare} tells the two
   * apart.
   */
  set(key: string, value: V, expiresAt: number, owner?: string): boolean {
    this.delete(key);
    this.#dropEnded();
    if (expiresAt <= this.#options.clock()) {
      return true;
    }
    if (!this.hasShare(owner)) {
      return false;
    }
    if (this.size >= this.#options.capacity) {
      const victim = this.#victim();
      if (victim === undefined) {
        return false;
      }
      this.#drop(victim);
    }
    const entry = { key, value, expiresAt, owner, used: false, index: 0 };
    this.#entries.set(key, entry);
    this.#count(owner, 1);
    this.#queue.add(entry);
    return true;
  }

  /** Whether `owner` may have another entry. */
  hasShare(owner: string | undefined): boolean {
    const { share = Number.POSITIVE_INFINITY } = this.#options;
    return owner === undefined || (this.#owned.get(owner) ?? 0) < share;
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

  #victim(): Entry<V> | undefined {
    switch (this.#options.whenFull) {
      case "refuse":
        return undefined;
      case "evict":
        return this.#queue.first();
      case "evict unused":
        return this.#oldestUnused();
    }
  }

  /** What was used goes to the end of the order, once: to move it there at each use would cost more than to find it. */
  #oldestUnused(): Entry<V> | undefined {
    for (const [key, entry] of this.#entries) {
      if (!entry.used) {
        return entry;
      }
      entry.used = false;
      this.#entries.delete(key);
      this.#entries.set(key, entry);
    }
    return undefined;
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
    this.#count(entry.owner, -1);
  }

  #count(owner: string | undefined, change: number): void {
    if (owner === undefined) {
      return;
    }
    const count = (this.#owned.get(owner) ?? 0) + change;
    if (count > 0) {
      this.#owned.set(owner, count);
    } else {
      this.#owned.delete(owner);
    }
  }
}
