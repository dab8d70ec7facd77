import { deriveSeed, SeedLane } from '../../random.js';
import { quantile } from '../../quantile.js';

/** Resamples that an interval is made of. */
export const RESAMPLES = 2000;

/** A mean with its 95 % interval. */
export interface Estimate {
  mean: number;
  low: number;
  high: number;
}

const made = new Map<number, Uint16Array[]>();

/** (RESAMPLES) of n indices each, drawn with replacement; a function of n alone, so that every figure shares them. */
export function resamplesOf(n: number): Uint16Array[] {
  let resamples = made.get(n);
  if (resamples === undefined) made.set(n, (resamples = drawResamples(n)));
  return resamples;
}

function drawResamples(n: number): Uint16Array[] {
  const draw = (i: number): number => Math.floor((deriveSeed(0, SeedLane.Resample, i) / 2 ** 53) * n);
  return Array.from({ length: RESAMPLES }, (_, r) => Uint16Array.from({ length: n }, (_i, i) => draw(r * n + i)));
}

/** The mean of one value a run, with the percentile bootstrap interval (Efron 1979) over the runs. */
export function estimateMean(values: readonly number[], resamples: readonly Uint16Array[]): Estimate {
  const sum = values.reduce((a, b) => a + b, 0);
  const mean = sum / values.length;
  if (values.every((value) => value === values[0])) return { mean: values[0]!, low: values[0]!, high: values[0]! };
  const means = resamples.map((indices) => {
    let total = 0;
    for (let i = 0; i < indices.length; ++i) total += values[indices[i]!]!;
    return total / indices.length;
  });
  return { mean, low: quantile(means, 0.025), high: quantile(means, 0.975) };
}
