export type Goal = 'maximize' | 'minimize';

/** Positive where `a` is better than `b`. */
export const gain = (goal: Goal, a: number, b: number): number => (goal === 'maximize' ? a - b : b - a);

/** The best of the first 1, 2, 3... values; a run that ended early keeps its best to the end. */
export function bestSoFar(values: readonly number[], goal: Goal, queries: number): number[] {
  const curve: number[] = [];
  for (let q = 0; q < queries; ++q) {
    const value = values[q];
    const best = curve.at(-1);
    curve.push(best === undefined || (value !== undefined && gain(goal, value, best) > 0) ? value! : best);
  }
  return curve;
}

/** Queries, 1, 2, 3..., until a curve is at least as good as a target; Infinity if it never is. */
export function queriesTo(curve: readonly number[], goal: Goal, target: number): number {
  const at = curve.findIndex((best) => gain(goal, best, target) >= 0);
  return at < 0 ? Infinity : at + 1;
}

/**
 * Area under a best-so-far curve, 0..1: the mean over the queries of where the best so far lies between `worst` (0; what is
 * worse counts as that) and `best` (1).
 */
export function normalisedArea(curve: readonly number[], goal: Goal, worst: number, best: number): number {
  const range = gain(goal, best, worst);
  const scores = curve.map((value) => (range <= 0 ? 1 : Math.min(1, Math.max(0, gain(goal, value, worst) / range))));
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}
