/** What to make as large or as small as possible. */
export interface Goal {
  readonly metric: string;
  readonly goal: 'maximize' | 'minimize';
}

/** Objectives of what was measured, turned so that larger is better. */
export function valuesOf(metrics: Readonly<Record<string, number>>, objectives: readonly Goal[]): number[] {
  return objectives.map(({ metric, goal }) => (goal === 'maximize' ? metrics[metric]! : -metrics[metric]!));
}

/** Whether the first is at least as good in all and better in one. */
export function dominates(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, i) => value >= b[i]!) && a.some((value, i) => value > b[i]!);
}

/** The points that no other is at least as good as, the first of equals. */
export function undominated<P extends readonly number[]>(points: readonly P[]): P[] {
  let kept: P[] = [];
  for (const point of points) {
    if (kept.some((one) => one.every((value, i) => value >= point[i]!))) continue;
    kept = kept.filter((one) => !dominates(point, one));
    kept.push(point);
  }
  return kept;
}
