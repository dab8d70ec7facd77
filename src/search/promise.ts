import { native } from '../native.js';
import { meritsOf, type Limits } from './limits.js';

/** What is believed of n architectures. */
export interface Belief {
  /** Of the objectives (n, O), known ones first, which have a deviation of 0. */
  readonly means: Float32Array;
  readonly deviations: Float32Array;
  /** Of each metric that is constrained, means (n), then deviations (n). */
  readonly costly: readonly Float32Array[];
}

/** What candidates are to add to: labels of the front (n, O) and of the point from where on what is gained counts (O). */
export interface Standing {
  readonly front: Float32Array;
  readonly reference: Float32Array;
  readonly limits: Limits;
}

/** (n) how much each of these promises; `beta`: weight of the deviation where a single objective is constrained. */
export function promises(
  { means, deviations, costly }: Belief,
  { front, reference, limits }: Standing,
  beta: number,
): Float32Array {
  const likely = limits.feasibility(costly);
  if (likely === undefined) return native().logImprovement(front, reference, means, deviations);
  // While nothing is feasible there is nothing to improve on.
  if (front.length === 0) return likely;
  if (reference.length > 1) {
    const gains = native().logImprovement(front, reference, means, deviations);
    return likely.map((log, i) => log + gains[i]!);
  }
  const merits = meritsOf(means, deviations, beta, front[0]!, reference[0]!);
  return likely.map((log, i) => log + merits[i]!);
}
