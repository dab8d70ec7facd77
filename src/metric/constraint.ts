import { OptiProxyError } from '../errors.js';
import { withUnit, type Units } from './units.js';

/** Bounds of a metric, both of them allowed values; what breaks one is infeasible. */
export interface Constraint {
  metric: string;
  min?: number;
  max?: number;
}

/** Whether a value is within the bounds; NaN, which stands for none, is not. */
export function holds({ min = -Infinity, max = Infinity }: Constraint, value: number): boolean {
  return value >= min && value <= max;
}

/** By how much a value is out of bounds; 0 within, NaN for none. */
export function excessOf({ min, max }: Pick<Required<Constraint>, 'min' | 'max'>, value: number): number {
  return Math.max(0, min - value, value - max);
}

/** `METRIC<=X` and `METRIC>=X`, as the command line takes them, with the unit as messages show them. */
export function constraintText({ metric, min, max }: Constraint, units: Units = {}): string {
  const bounds = [
    ...(min === undefined ? [] : [`${metric}>=${min}`]),
    ...(max === undefined ? [] : [`${metric}<=${max}`]),
  ];
  return bounds.map((bound) => withUnit(bound, units[metric])).join(', ');
}

/** Reads `METRIC<=X` or `METRIC>=X`.  Throws `INVALID_ARGUMENT`. */
export function parseConstraint(text: string): Constraint {
  const [, metric, relation, bound] = /^\s*(.+?)\s*(<=|>=)\s*(\S+)\s*$/.exec(text) ?? [];
  const value = Number(bound);
  if (metric === undefined || !Number.isFinite(value)) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: '--constraint',
      expected: 'METRIC<=NUMBER or METRIC>=NUMBER',
      given: text,
      hint: "quote it: --constraint 'latency_ms<=5'",
    });
  }
  return relation === '<=' ? { metric, max: value } : { metric, min: value };
}

/** The bounds of each metric that these constrain, by its name. */
export function boundsOf(constraints: readonly Constraint[]): ReadonlyMap<string, Required<Constraint>> {
  const bounds = new Map<string, Required<Constraint>>();
  for (const { metric, min = -Infinity, max = Infinity } of constraints) {
    const other = bounds.get(metric);
    bounds.set(metric, { metric, min: Math.max(min, other?.min ?? min), max: Math.min(max, other?.max ?? max) });
  }
  return bounds;
}

/** Names of the metrics that these constrain and that only a query tells, those known beforehand being these. */
export function costlyNames(constraints: readonly Constraint[], known: readonly { readonly name: string }[]): string[] {
  const names = constraints.map(({ metric }) => metric).filter((name) => !known.some((one) => one.name === name));
  return [...new Set(names)];
}

/** Checks the constraints of a study.  Throws `INVALID_ARGUMENT`. */
export function checkConstraints(given: unknown): readonly Constraint[] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) {
    throw new OptiProxyError('INVALID_ARGUMENT', { what: 'options.constraints', expected: 'a list', given });
  }
  const checked = given.map((one: unknown, i): Constraint => checkConstraint(`options.constraints[${i}]`, one));
  const never = [...boundsOf(checked).values()].find(({ min, max }) => min > max);
  if (never === undefined) return checked;
  throw new OptiProxyError('INVALID_ARGUMENT', {
    what: `options.constraints on ${never.metric}`,
    expected: 'min at most max',
    given: `${never.min} and ${never.max}`,
  });
}

function checkConstraint(what: string, given: unknown): Constraint {
  const fail = (part: string, expected: string, value: unknown): never => {
    throw new OptiProxyError('INVALID_ARGUMENT', { what: `${what}${part}`, expected, given: value });
  };
  if (typeof given !== 'object' || given === null) {
    return fail('', "a constraint like { metric: 'latency_ms', max: 5 }", given);
  }
  const unknown = Object.keys(given).find((key) => !['metric', 'min', 'max'].includes(key));
  if (unknown !== undefined) fail(`.${unknown}`, 'one of metric, min, max', 'an unknown option');
  const { metric, min, max } = given as Constraint;
  if (typeof metric !== 'string' || metric === '') fail('.metric', 'the name of a metric', metric);
  for (const [name, bound] of Object.entries({ min, max })) {
    if (bound !== undefined && !Number.isFinite(bound)) fail(`.${name}`, 'a finite number', bound);
  }
  if (min === undefined && max === undefined) fail('', 'min, max or both', given);
  if (min !== undefined && max !== undefined && min > max) fail('', 'min at most max', `${min} and ${max}`);
  return { metric, ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}
