import { checkName, OptiProxyError } from '../errors.js';
import { dominates, undominated, valuesOf } from '../metric/dominance.js';
import type { Metrics, Objective, Trial } from './types.js';

/** The trials that no other dominates, in the order told; of several that measured the same, the first. */
export class Front {
  private members: { readonly trial: Trial; readonly values: readonly number[] }[] = [];

  constructor(private readonly objectives: readonly Objective[]) {}

  get trials(): readonly Trial[] {
    return this.members.map(({ trial }) => trial);
  }

  /** The one with the best first objective: of a single objective the best there is. */
  get best(): Trial | undefined {
    const [first, ...others] = this.members;
    return others.reduce((best, one) => (one.values[0]! > best!.values[0]! ? one : best), first)?.trial;
  }

  /** A trial that is complete and feasible. */
  offer(trial: Trial): void {
    const values = valuesOf(trial.metrics!, this.objectives);
    if (this.members.some((one) => one.values.every((value, i) => value >= values[i]!))) return;
    this.members = this.members.filter((one) => !dominates(values, one.values));
    this.members.push({ trial, values });
  }
}

/**
 * Volume of the objectives' space that lies between what was measured and a reference point, in the product of their units
 * (Zitzler & Thiele 1998): what is not better than the reference in every objective adds nothing.  Throws
 * `INVALID_ARGUMENT` where a number is missing.  Exact, by slices: quick for two or three objectives, seconds for eight and
 * a front of a few dozen.
 */
export function hypervolume(
  measured: readonly Metrics[],
  objectives: readonly Objective[],
  reference: Readonly<Metrics>,
): number {
  if (objectives.length === 0)
    throw new OptiProxyError('INVALID_ARGUMENT', { what: 'objectives', expected: 'at least one', given: 'none' });
  for (const { metric, goal } of objectives) {
    checkName('goal', goal, ['maximize', 'minimize']);
    checkNumber(`reference.${metric}`, reference?.[metric]);
    measured.forEach((metrics, i) => checkNumber(`measured[${i}].${metric}`, metrics[metric]));
  }
  const origin = valuesOf(reference, objectives);
  const points = measured.map((metrics) => valuesOf(metrics, objectives).map((value, i) => value - origin[i]!));
  return volume(undominated(points.filter((point) => point.every((value) => value > 0))));
}

function checkNumber(what: string, value: unknown): void {
  if (Number.isFinite(value)) return;
  throw new OptiProxyError('INVALID_ARGUMENT', { what, expected: 'a finite number', given: value });
}

/** Volume that points above 0 dominate: along the last axis slices, each as far as the best points reach. */
function volume(points: readonly (readonly number[])[]): number {
  if (points.length === 0) return 0;
  const last = points[0]!.length - 1;
  if (last === 0) return points.reduce((most, [value]) => Math.max(most, value!), 0);
  const sorted = [...points].sort((a, b) => b[last]! - a[last]!);
  return sorted.reduce((sum, point, i) => {
    const height = point[last]! - (sorted[i + 1]?.[last] ?? 0);
    if (height === 0) return sum;
    return sum + height * volume(undominated(sorted.slice(0, i + 1).map((one) => one.slice(0, last))));
  }, 0);
}
