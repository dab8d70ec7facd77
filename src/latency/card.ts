import type { Isomorphism } from '../space/types.js';
import { averageRanks } from '../statistics/ranks.js';
import { quantile } from '../statistics/quantile.js';
import { PredictionWindow } from '../statistics/window.js';
import { calibrate, deviationOf, intervalOf, type Held } from './interval.js';

/** How well predictions of measurements held that the model had not seen. */
export interface Validation {
  /** Parts of the measurements, each predicted from the others; what the space holds for the same is in one. */
  readonly folds: number;
  /** Kendall's τ-b and Spearman's ρ between predicted and measured; null where all of either are equal. */
  readonly kendall: number | null;
  readonly spearman: number | null;
  /** |predicted - measured| / |measured|, mean and median, where what was measured is not 0; null if nothing is. */
  readonly mape: number | null;
  readonly medianError: number | null;
  /** Share of the predictions within ±5 % and ±10 % of what was measured. */
  readonly within5: number;
  readonly within10: number;
  /** Share of the measurements inside a 90 % interval that was calibrated on the other folds. */
  readonly coverage: number;
}

/** What a latency model was made of and how good it is; travels with the model. */
export interface QualityCard {
  readonly schema: 1;
  readonly space: string;
  /** The space's rule of what is the same: it decides what operations without effect look like to the model. */
  readonly isomorphism: Isomorphism;
  readonly metric: string;
  /** null if none was given. */
  readonly unit: string | null;
  /** Architectures with a measurement. */
  readonly measurements: number;
  /** Of those, how many the space does not hold for the same. */
  readonly distinct: number;
  /** Rows of an architecture that an earlier row has, whose mean counts; rows left out as they hold no measurement. */
  readonly repeated: number;
  readonly skipped: number;
  /** Of the measurements. */
  readonly spread: { readonly min: number; readonly median: number; readonly max: number; readonly deviation: number };
  /** The other devices that it was transferred from. */
  readonly sources: readonly string[];
  readonly model: { readonly members: number; readonly layers: number; readonly hidden: number };
  readonly validation: Validation;
  /** Where `prediction ± 1.645 · deviation` comes from. */
  readonly interval: {
    readonly level: number;
    readonly from: 'cross-validated residuals';
    /** Half its width over the prediction, median over the measurements; null where a prediction is 0. */
    readonly relative: number | null;
  };
  readonly seed: number;
  /** Of the package. */
  readonly version: string;
}

/** The figures of cross-validated predictions. */
export function validate(held: readonly Held[], folds: number): Validation {
  const window = new PredictionWindow(held.length);
  for (let fold = 0; fold < folds; ++fold) {
    const uncertainty = calibrate(held.filter((one) => one.fold !== fold));
    for (const one of held) {
      if (one.fold !== fold) continue;
      const interval = intervalOf(one.predicted, deviationOf(uncertainty, one.slope, one.spread));
      window.push({ predicted: one.predicted, interval, value: one.value });
    }
  }
  const { tau, coverage } = window.quality();
  const share = (part: number): number =>
    held.filter(({ predicted, value }) => Math.abs(predicted - value) <= part * Math.abs(value)).length / held.length;
  return {
    folds,
    kendall: tau,
    spearman: spearman(
      held.map(({ predicted }) => predicted),
      held.map(({ value }) => value),
    ),
    ...relativeErrors(held),
    within5: share(0.05),
    within10: share(0.1),
    coverage: coverage!,
  };
}

/** Spearman's ρ: the correlation of the ranks; null where all of either are equal. */
export function spearman(a: readonly number[], b: readonly number[]): number | null {
  const order = (x: number, y: number): number => x - y;
  const ranks = [averageRanks(a, order), averageRanks(b, order)] as const;
  const middle = (a.length + 1) / 2;
  const product = ([x, y]: readonly [readonly number[], readonly number[]]): number =>
    x.reduce((sum, rank, i) => sum + (rank - middle) * (y[i]! - middle), 0);
  const scale = Math.sqrt(product([ranks[0], ranks[0]]) * product([ranks[1], ranks[1]]));
  return scale === 0 ? null : product(ranks) / scale;
}

function relativeErrors(held: readonly Held[]): Pick<Validation, 'mape' | 'medianError'> {
  const errors = held.filter(({ value }) => value !== 0).map(({ predicted, value }) => Math.abs(predicted / value - 1));
  if (errors.length === 0) return { mape: null, medianError: null };
  return { mape: errors.reduce((sum, error) => sum + error, 0) / errors.length, medianError: quantile(errors, 0.5) };
}

/** Half the width of the intervals over the predictions, in the middle. */
export function relativeWidth(held: readonly Held[]): number | null {
  const uncertainty = calibrate(held);
  const width = quantile(
    held.map(({ predicted, slope, spread }) => {
      const [low, high] = intervalOf(0, deviationOf(uncertainty, slope, spread));
      return (high - low) / 2 / Math.abs(predicted);
    }),
    0.5,
  );
  return Number.isFinite(width) ? width : null;
}

export function spreadOf(values: readonly number[]): QualityCard['spread'] {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return {
    min: quantile(values, 0),
    median: quantile(values, 0.5),
    max: quantile(values, 1),
    deviation: Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length),
  };
}
