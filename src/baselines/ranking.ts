/** A copy with room for `length` numbers, or the array itself where they fit; doubling keeps appending O(1) amortised. */
export function withRoom<T extends Uint8Array | Int32Array | Float64Array>(array: T, length: number): T {
  if (length <= array.length) return array;
  const larger = new (array.constructor as new (length: number) => T)(Math.max(length, 2 * array.length));
  larger.set(array);
  return larger;
}

/**
 * Numbers kept in an order that no two of them share a place in.  It follows from which numbers were added alone, never
 * from when.  Adding m to n costs O(m log n) comparisons and moves what lies behind them once, four bytes a number.
 */
export class Ranking {
  private ids = new Int32Array(64);
  private size = 0;

  constructor(private readonly compare: (a: number, b: number) => number) {}

  /** All of them in order; valid until the next `add`. */
  get view(): Int32Array {
    return this.ids.subarray(0, this.size);
  }

  add(batch: Int32Array): void {
    const sorted = batch.slice().sort(this.compare);
    this.ids = withRoom(this.ids, this.size + sorted.length);
    // From the back, so that every number moves once, straight to where it stays.
    let end = this.size;
    for (let k = sorted.length - 1; k >= 0; --k) {
      const at = this.placeOf(sorted[k]!, end);
      this.ids.copyWithin(at + k + 1, at, end);
      this.ids[at + k] = sorted[k]!;
      end = at;
    }
    this.size += sorted.length;
  }

  /** How many of the first `end` come before `id`. */
  private placeOf(id: number, end: number): number {
    let low = 0;
    let high = end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.compare(this.ids[middle]!, id) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
