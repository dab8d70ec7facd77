import { History } from '../baselines/history.js';
import { OptiProxyError } from '../errors.js';
import type { Aim } from '../metric/aim.js';
import type { KnownMetrics } from '../metric/known.js';
import { valuesOf } from '../metric/dominance.js';
import type { NamedMethod } from '../search/methods.js';
import type { SearchSpace } from '../space/types.js';
import { scalarised } from './scalarise.js';
import type { Metrics, Objective, Trial } from './types.js';

/** What a study is for: what its method is told of an answer, and how it is shown what was told. */
export class Purpose {
  /** Undefined where only one number counts. */
  readonly aim: Aim | undefined;
  /** Metrics that an oracle has to tell because they are constrained. */
  readonly constrained: readonly string[];
  /** Place of the first objective that only a query tells: what methods for one number are told. */
  private readonly first: number;

  constructor(
    private readonly objectives: readonly Objective[],
    known: KnownMetrics,
    reference: Readonly<Metrics> = {},
  ) {
    const { costly } = known;
    this.first = objectives.findIndex(({ metric }) => !known.knows(metric));
    this.constrained = costly.map(({ metric }) => metric);
    const turned = (one: Objective): number | undefined =>
      reference[one.metric] === undefined ? undefined : valuesOf(reference, [one])[0];
    if (objectives.length > 1 || costly.length > 0)
      this.aim = {
        objectives: objectives.map((one) => ({ known: known.knows(one.metric), reference: turned(one) })),
        costly: costly.map(({ min, max }) => ({ min, max })),
      };
  }

  /** Tells a history of a complete trial. */
  tell(history: History, { id, metrics, broken }: Trial): void {
    const values = valuesOf(metrics!, this.objectives);
    const costly = this.constrained.map((metric) => metrics![metric]!);
    history.tell(id, values[this.first]!, this.aim && { values, costly, feasible: broken === undefined });
  }

  /** Whether this method says what it expects of the objective: of one, as it is. */
  expects({ joint }: NamedMethod): boolean {
    return this.aim === undefined || (joint && this.objectives.length === 1);
  }

  /** The history as this method is to see it. */
  shown(history: History, { joint }: NamedMethod, space: SearchSpace, seed: number): History {
    return joint || this.aim === undefined ? history : scalarised(space, history, this.aim, seed);
  }
}

/** Checks a reference point: some of several objectives.  Throws `INVALID_ARGUMENT`. */
export function checkReference(given: unknown, objectives: readonly Objective[]): Readonly<Metrics> | undefined {
  if (given === undefined) return undefined;
  const names = objectives.map(({ metric }) => metric);
  const fail = (what: string, expected: string, value: unknown): never => {
    throw new OptiProxyError('INVALID_ARGUMENT', { what, expected, given: value });
  };
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return fail('options.reference', `numbers like { ${names[0]}: 0 }`, given);
  if (names.length === 1) return fail('options.reference', 'several objectives beside it', 'one objective');
  for (const [name, value] of Object.entries(given)) {
    if (!names.includes(name)) fail(`options.reference.${name}`, `one of ${names.join(', ')}`, 'an unknown objective');
    if (!Number.isFinite(value)) fail(`options.reference.${name}`, 'a finite number', value);
  }
  return { ...given };
}
