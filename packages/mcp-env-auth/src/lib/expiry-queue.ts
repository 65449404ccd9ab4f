/** Something that ends. Its `index` belongs to the {@link ExpiryQueue} that it is in. */
export interface Expiring {
  /** Seconds since the Unix epoch. */
  readonly expiresAt: number;
  index: number;
}

/** Entries by when they end: a binary heap in which any entry can be removed. Every change costs O(log n). */
export class ExpiryQueue<T extends Expiring> {
  readonly #heap: T[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** The entry that ends first. */
  first(): T | undefined {
    return this.#heap[0];
  }

  add(entry: T): void {
    this.#settle(entry, this.#heap.length);
  }

  remove(entry: T): void {
    const last = this.#heap.pop();
    if (last !== undefined && last !== entry) {
      this.#settle(last, entry.index);
    }
  }

  /** Puts `entry` where it belongs, beginning at a free place. */
  #settle(entry: T, start: number): void {
    let index = start;
    for (let parent = this.#before(entry, index); parent !== undefined; parent = this.#before(entry, index)) {
      this.#place(parent, index);
      index = (index - 1) >> 1;
    }
    for (let child = this.#after(entry, index); child !== undefined; child = this.#after(entry, index)) {
      const next = child.index;
      this.#place(child, index);
      index = next;
    }
    this.#place(entry, index);
  }

  /** The parent of the place `index`, when it ends after `entry`. */
  #before(entry: T, index: number): T | undefined {
    const parent = index === 0 ? undefined : this.#heap[(index - 1) >> 1];
    return parent !== undefined && parent.expiresAt > entry.expiresAt ? parent : undefined;
  }

  /** The child of the place `index` that ends first, when it ends before `entry`. */
  #after(entry: T, index: number): T | undefined {
    const left = this.#heap[2 * index + 1];
    const right = this.#heap[2 * index + 2];
    const child = left !== undefined && right !== undefined && right.expiresAt < left.expiresAt ? right : left;
    return child !== undefined && child.expiresAt < entry.expiresAt ? child : undefined;
  }

  #place(entry: T, index: number): void {
    this.#heap[index] = entry;
    entry.index = index;
  }
}
