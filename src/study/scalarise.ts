import { History } from '../baselines/history.js';
import type { Aim } from '../metric/aim.js';
import { excessOf } from '../metric/constraint.js';
import { deriveSeed, Draws, SeedLane } from '../random.js';
import type { SearchSpace } from '../space/types.js';

/** Weight of the sum beside the largest term, so that what is only weakly dominated counts less. */
const AUGMENTED = 0.05;

/** How far what is infeasible by next to nothing is behind all that is feasible, in the range of that. */
const APART = 1e-3;

/** A history of one number for all that counts, for methods that search by one. Costs time in proportion to the history. */
export function scalarised(space: SearchSpace, history: History, { objectives, costly }: Aim, seed: number): History {
  const view = new History(space);
  for (let id = 1; id <= history.asked; ++id) view.add(history.genesOf(Int32Array.of(id)));
  const answered = history.inOrder();
  const answers = Array.from(answered, (id) => history.answer(id)!);
  const values = answers.map((answer) => answer.values);
  const merits = objectives.length === 1 ? values.map(([value]) => value!) : mixed(values, weightsAt(objectives.length, history.asked, seed)); // prettier-ignore
  const ranked = behindFeasible(
    merits,
    answers.map(({ feasible }) => feasible),
    violations(
      answers.map((answer) => answer.costly),
      costly,
    ),
  );
  answered.forEach((id, i) => view.tell(id, ranked[i]!));
  view.advance();
  return view;
}

/**
 * One number for several objectives, another at each ask (ParEGO, Knowles 2006): less the augmented Chebyshev distance from the
 * best of each, in the ranges measured so far.  So searches for one objective walk along the whole front.
 */
function mixed(values: readonly (readonly number[])[], weights: readonly number[]): number[] {
  const best = weights.map((_, k) => values.reduce((most, point) => Math.max(most, point[k]!), -Infinity));
  const worst = weights.map((_, k) => values.reduce((least, point) => Math.min(least, point[k]!), Infinity));
  return values.map((point) => {
    const terms = point.map((value, k) => (weights[k]! * (best[k]! - value)) / (best[k]! - worst[k]! || 1));
    return -Math.max(...terms) - AUGMENTED * terms.reduce((sum, term) => sum + term, 0);
  });
}

/** Uniform over the simplex, a function of the seed and how many were asked. */
function weightsAt(count: number, asked: number, seed: number): number[] {
  const draws = new Draws(deriveSeed(seed, SeedLane.Scalarise, asked));
  const parts = Array.from({ length: count }, () => -Math.log(1 - draws.uniform()));
  const sum = parts.reduce((a, b) => a + b, 0);
  return parts.map((part) => part / sum);
}

/** By how much each answer is out of bounds, in the ranges measured so far. */
function violations(answers: readonly (readonly number[])[], bounds: Aim['costly']): number[] {
  const ranges = bounds.map((_, k) => {
    const column = answers.map((costly) => costly[k]!);
    return column.reduce((a, b) => Math.max(a, b), -Infinity) - column.reduce((a, b) => Math.min(a, b), Infinity) || 1;
  });
  return answers.map((costly) => bounds.reduce((sum, bound, k) => sum + excessOf(bound, costly[k]!) / ranges[k]!, 0));
}

/** What is feasible as it is, the rest below it, what is out of bounds by less first (Deb 2000). */
function behindFeasible(merits: number[], feasible: readonly boolean[], out: readonly number[]): number[] {
  const good = merits.filter((_, i) => feasible[i]!);
  const worst = good.reduce((a, b) => Math.min(a, b), Infinity);
  const range = good.reduce((a, b) => Math.max(a, b), -Infinity) - worst;
  const [floor, unit] = good.length === 0 ? [0, 1] : [worst, range || Math.abs(worst) || 1];
  return merits.map((merit, i) => (feasible[i]! ? merit : floor - unit * (APART + out[i]!)));
}
