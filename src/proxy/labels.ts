/** A map from objective values to what a proxy is trained on, and back. */
export interface LabelTransform {
  /** Targets (n), mean 0 and deviation 1. */
  readonly targets: Float32Array;
  /** The value that a target stands for. */
  invert(target: number): number;
}

/** Values (larger is better) minus their mean over their deviation: online, from the history alone. */
export function standardise(values: readonly number[]): LabelTransform {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length) || 1;
  return {
    targets: Float32Array.from(values, (v) => (v - mean) / deviation),
    invert: (target) => target * deviation + mean,
  };
}

/**
 * -log(best - y + c), standardised: spreads out the values near the best, where the choice is made, and squeezes the bad
 * ones. c is `softness` times the median gap to the best, so that the unit of the metric does not matter.
 */
export function logGap(values: readonly number[], softness: number): LabelTransform {
  const best = Math.max(...values);
  const gaps = values.map((v) => Math.min(best - v, Number.MAX_VALUE));
  const c = softness * median(gaps) || Number.MIN_VALUE * 2 ** 52;
  const inner = standardise(gaps.map((gap) => -Math.log(gap + c)));
  return { targets: inner.targets, invert: (target) => best + c - Math.exp(-inner.invert(target)) };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
