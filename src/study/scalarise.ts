import { History } from '../baselines/history.js';
import { deriveSeed, Draws, SeedLane } from '../random.js';
import type { SearchSpace } from '../space/types.js';
import { valuesOf } from './front.js';
import type { Objective, Trial } from './types.js';

/** Weight of the sum beside the largest term, so that what is only weakly dominated counts less. */
const AUGMENTED = 0.05;

/**
 * A history of one objective for several, another at each ask; of a single one as it is (ParEGO, Knowles 2006): less the augmented Chebyshev distance
 * from the best of each objective, in the ranges measured so far, with weights that are uniform over the simplex and a
 * function of the seed and how many were asked.  So searches for one objective walk along the whole front.  Costs time in
 * proportion to the history.
 */
export function scalarised(
  space: SearchSpace,
  history: History,
  trials: readonly Trial[],
  objectives: readonly Objective[],
  seed: number,
): History {
  if (objectives.length === 1) return history;
  const view = new History(space);
  trials.forEach(({ id }) => view.add(history.genesOf(Int32Array.of(id))));
  const answered = trials.filter(({ metrics, fidelity }) => metrics !== undefined && fidelity === undefined);
  const values = answered.map(({ metrics }) => valuesOf(metrics!, objectives));
  const weights = weightsOf(objectives.length, new Draws(deriveSeed(seed, SeedLane.Scalarise, trials.length)));
  const best = objectives.map((_, k) => values.reduce((most, point) => Math.max(most, point[k]!), -Infinity));
  const worst = objectives.map((_, k) => values.reduce((least, point) => Math.min(least, point[k]!), Infinity));
  answered.forEach(({ id }, i) => {
    const terms = values[i]!.map((value, k) => (weights[k]! * (best[k]! - value)) / (best[k]! - worst[k]! || 1));
    view.tell(id, -Math.max(...terms) - AUGMENTED * terms.reduce((sum, term) => sum + term, 0));
  });
  view.advance();
  return view;
}

/** Uniform over the simplex. */
function weightsOf(count: number, draws: Draws): number[] {
  const parts = Array.from({ length: count }, () => -Math.log(1 - draws.uniform()));
  const sum = parts.reduce((a, b) => a + b, 0);
  return parts.map((part) => part / sum);
}
