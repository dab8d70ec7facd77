/** How well predictions held, once their architectures were measured. */
export interface Quality {
  /** Predictions that were answered; failed trials do not count. */
  readonly answers: number;
  /**
   * Kendall's τ-b between what was predicted and what was measured, -1..1: 1 the same order, 0 no relation.  null of fewer
   * than two answers, or where all are equal.
   */
  readonly tau: number | null;
  /** Share of the answers inside their 90 % interval; null where none had one. */
  readonly coverage: number | null;
  /** Mean of predicted less measured, in the objective's unit; null where that is no finite number. */
  readonly bias: number | null;
}

/** What was said of an architecture before it was measured, and what it measured; both in the objective's unit. */
export interface Prediction {
  readonly predicted: number;
  readonly interval?: readonly [low: number, high: number] | undefined;
  readonly value: number;
}

/**
 * How well the latest `size` predictions held.  Kendall's τ-b follows from counts of pairs, which each prediction that
 * comes or goes changes by its pairs with the others: O(size), exact, and nothing to sort.
 */
export class PredictionWindow {
  private readonly predicted: Float64Array;
  private readonly values: Float64Array;
  private readonly lows: Float64Array;
  private readonly highs: Float64Array;
  private pushed = 0;
  /** Concordant less discordant pairs; pairs that are tied in the prediction, and in the value. */
  private concordance = 0;
  private tiedPredictions = 0;
  private tiedValues = 0;

  constructor(private readonly size: number) {
    this.predicted = new Float64Array(size);
    this.values = new Float64Array(size);
    this.lows = new Float64Array(size);
    this.highs = new Float64Array(size);
  }

  /** The window that pushing the first `count` of a log gives, to the bit, at the cost of those that stay. */
  static after(count: number, size: number, predictionAt: (place: number) => Prediction): PredictionWindow {
    const window = new PredictionWindow(size);
    // In the order in which they lie: sums are taken in that.
    const turns = Math.floor(count / size);
    for (let at = 0; at < Math.min(count, size); ++at)
      window.push(predictionAt((at < count % size ? turns : turns - 1) * size + at));
    window.pushed = count;
    return window;
  }

  /** Predictions that were pushed. */
  get count(): number {
    return this.pushed;
  }

  /** Those of them that are still there. */
  get length(): number {
    return Math.min(this.pushed, this.size);
  }

  push(prediction: Prediction): void {
    const at = this.pushed % this.size;
    if (this.pushed >= this.size) this.countPairs(at, -1);
    this.put(at, prediction);
    this.pushed += 1;
    this.countPairs(at, 1);
  }

  /** Takes the latest push back; `gone`: the prediction that it put out, if it did. */
  pop(gone: Prediction | undefined): void {
    const at = (this.pushed - 1) % this.size;
    this.countPairs(at, -1);
    this.pushed -= 1;
    if (gone === undefined) return;
    this.put(at, gone);
    this.countPairs(at, 1);
  }

  /** What was measured, in no particular order; valid until the next push. */
  get measured(): Float64Array {
    return this.values.subarray(0, this.length);
  }

  quality(): Quality {
    return { answers: this.length, tau: this.tau(), coverage: this.share(0), bias: this.bias() };
  }

  /** Share of those with an interval that lie in it (0), below it (-1) or above (1); null where none has one. */
  share(side: -1 | 0 | 1): number | null {
    const { length } = this;
    let known = 0;
    let hits = 0;
    for (let i = 0; i < length; ++i) {
      const [low, high, value] = [this.lows[i]!, this.highs[i]!, this.values[i]!];
      if (!(low <= high)) continue; // NaN: it had none
      known += 1;
      if ((value < low ? -1 : value > high ? 1 : 0) === side) hits += 1;
    }
    return known === 0 ? null : hits / known;
  }

  /** Kendall's τ-b (Kendall 1945): null where all predictions, or all values, are equal. */
  tau(): number | null {
    const pairs = (this.length * (this.length - 1)) / 2;
    const scale = Math.sqrt((pairs - this.tiedPredictions) * (pairs - this.tiedValues));
    return scale === 0 ? null : this.concordance / scale;
  }

  private bias(): number | null {
    let sum = 0;
    const { length } = this;
    for (let i = 0; i < length; ++i) sum += (this.predicted[i]! - this.values[i]!) / length;
    return length > 0 && Number.isFinite(sum) ? sum : null;
  }

  private put(at: number, { predicted, interval, value }: Prediction): void {
    this.predicted[at] = predicted;
    this.values[at] = value;
    this.lows[at] = interval?.[0] ?? NaN;
    this.highs[at] = interval?.[1] ?? NaN;
  }

  private countPairs(at: number, change: 1 | -1): void {
    const { predicted, values, length } = this;
    const x = predicted[at]!;
    const y = values[at]!;
    for (let i = 0; i < length; ++i) {
      if (i === at) continue;
      const dx = order(x, predicted[i]!);
      const dy = order(y, values[i]!);
      this.concordance += change * dx * dy;
      if (dx === 0) this.tiedPredictions += change;
      if (dy === 0) this.tiedValues += change;
    }
  }
}

function order(a: number, b: number): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0;
}
