/**
 * Distinct records of bytes, all of one width, numbered in the order in which they came.  A table of half a million
 * architectures takes tens of megabytes here, where one object each would take hundreds.
 */
export class ByteIndex {
  readonly width: number;
  #size = 0;
  #bytes: Uint8Array;
  /** Open addressing: 1 + the number of a record, 0 where free; at most half full. */
  #slots = new Int32Array(64);

  constructor(width: number) {
    this.width = width;
    this.#bytes = new Uint8Array(32 * width);
  }

  get size(): number {
    return this.#size;
  }

  /** The records one after the other; valid until the next `add`. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#size * this.width);
  }

  /** Number of the record that starts at `offset` of `source`; -1 if it is not here. */
  find(source: Uint8Array, offset = 0): number {
    return this.#slots[this.#slot(source, offset)]! - 1;
  }

  /** Adds a record.  Returns the number of the one that was here already, -1 if there was none. */
  add(source: Uint8Array, offset = 0): number {
    const slot = this.#slot(source, offset);
    const found = this.#slots[slot]! - 1;
    if (found >= 0) return found;
    const start = this.#size * this.width;
    if (start === this.#bytes.length) {
      const larger = new Uint8Array(2 * start);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    for (let i = 0; i < this.width; ++i) this.#bytes[start + i] = source[offset + i]!;
    this.#slots[slot] = ++this.#size;
    if (2 * this.#size > this.#slots.length) this.#grow();
    return -1;
  }

  /** Where a record is, or where it would go. */
  #slot(source: Uint8Array, offset: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash(source, offset, this.width) & mask;
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      if (this.#equal((this.#slots[slot]! - 1) * this.width, source, offset)) break;
    }
    return slot;
  }

  #equal(start: number, source: Uint8Array, offset: number): boolean {
    for (let i = 0; i < this.width; ++i) if (this.#bytes[start + i] !== source[offset + i]) return false;
    return true;
  }

  #grow(): void {
    this.#slots = new Int32Array(2 * this.#slots.length);
    const mask = this.#slots.length - 1;
    for (let record = 0; record < this.#size; ++record) {
      let slot = hash(this.#bytes, record * this.width, this.width) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = record + 1;
    }
  }
}

/** FNV-1a, and a last mixing: the low bits, which choose the slot, must depend on every byte. */
function hash(bytes: Uint8Array, offset: number, length: number): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < length; ++i) h = Math.imul(h ^ bytes[offset + i]!, 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return h ^ (h >>> 13);
}
