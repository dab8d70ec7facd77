import type { Observations } from '../baselines/method.js';
import { undominated } from '../metric/dominance.js';
import type { Limits } from './limits.js';

/** Numbers of the feasible answers that no other dominates. */
export function frontOf(history: Observations): Int32Array {
  const feasible = history.inOrder().filter((id) => history.answer(id)!.feasible);
  const front = new Set(undominated(Array.from(feasible, (id) => history.answer(id)!.values)));
  return feasible.filter((id) => front.has(history.answer(id)!.values));
}

/** Numbers of the answers, feasible ones by value, then the others, what is out of bounds by least first. */
export function feasibleFirst(history: Observations, limits: Limits): Int32Array {
  const all = [...history.byValue()];
  const out = new Map(all.map((id) => [id, history.answer(id)!.feasible ? -1 : limits.excess(history.answer(id)!)]));
  // A stable sort: of equals the better comes first.
  return Int32Array.from(all.sort((a, b) => out.get(a)! - out.get(b)!));
}
