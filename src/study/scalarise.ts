import { History } from '../baselines/history.js';
import { deriveSeed, Draws, SeedLane } from '../random.js';
import type { SearchSpace } from '../space/types.js';

/** Weight of the sum beside the largest term, so that what is only weakly dominated counts less. */
const AUGMENTED = 0.05;

/**
 * A history of one number for several, another at each ask (ParEGO, Knowles 2006): less the augmented Chebyshev distance
 * from the best of each objective, in the ranges measured so far, with weights that are uniform over the simplex and a
 * function of the seed and how many were asked.  So searches for one objective walk along the whole front.  Costs time in
 * proportion to the history.
 */
export function scalarised(space: SearchSpace, history: History, objectives: number, seed: number): History {
  const view = new History(space);
  for (let id = 1; id <= history.asked; ++id) view.add(history.genesOf(Int32Array.of(id)));
  const answered = history.inOrder();
  const values = Array.from(answered, (id) => history.answer(id)!.values);
  const weights = weightsOf(objectives, new Draws(deriveSeed(seed, SeedLane.Scalarise, history.asked)));
  const best = weights.map((_, k) => values.reduce((most, point) => Math.max(most, point[k]!), -Infinity));
  const worst = weights.map((_, k) => values.reduce((least, point) => Math.min(least, point[k]!), Infinity));
  answered.forEach((id, i) => {
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
