import type { Curve } from '../proxy/labels.js';
import { quantile } from '../statistics/quantile.js';
import type { Uncertainty } from './export.js';

/** Of the intervals. */
export const LEVEL = 0.9;
/** Half the width of the interval that holds 90 % of a normal distribution, in deviations. */
const HALF_WIDTH = 1.6448536269514722;

/** What was predicted of a measurement that the model had not seen. */
export interface Held {
  readonly fold: number;
  readonly value: number;
  readonly predicted: number;
  /** By which a target's deviation becomes the metric's, there. */
  readonly slope: number;
  /** Standard deviation of the members, in the unit of the targets. */
  readonly spread: number;
}

/** How steep a curve is at a target. */
export function slopeAt({ slope, intercept, exponential }: Curve, target: number): number {
  if (exponential === undefined) return Math.abs(slope);
  return Math.abs(exponential.factor * slope * Math.exp(slope * target + intercept));
}

/** The deviation of a prediction, in the metric's unit. */
export function deviationOf({ factor, floor }: Uncertainty, slope: number, spread: number): number {
  return slope * factor * Math.sqrt(spread ** 2 + floor ** 2);
}

/** The interval of a prediction. */
export function intervalOf(predicted: number, deviation: number): readonly [low: number, high: number] {
  return [predicted - HALF_WIDTH * deviation, predicted + HALF_WIDTH * deviation];
}

/**
 * Split-conformal calibration by locally weighted residuals (Lei et al. 2018): the deviation that makes the interval hold
 * nine in ten of these, as a share of what the members' disagreement and the typical error (the median) say together.  It
 * takes the ⌈0.9·(n + 1)⌉-th smallest of n, or the largest if n is below 9.
 */
export function calibrate(held: readonly Held[]): Uncertainty {
  const error = ({ value, predicted, slope }: Held): number => Math.abs(value - predicted) / slope;
  const floor = quantile(held.map(error), 0.5);
  const scores = held.map((one) => error(one) / (Math.sqrt(one.spread ** 2 + floor ** 2) || 1)).sort((a, b) => a - b);
  const rank = Math.min(scores.length, Math.ceil(LEVEL * (scores.length + 1)));
  return { floor, factor: scores[rank - 1]! / HALF_WIDTH };
}
