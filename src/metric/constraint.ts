import { OptiProxyError } from '../errors.js';

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

/** `METRIC<=X` and `METRIC>=X`, as the command line takes them and messages show them. */
export function constraintText({ metric, min, max }: Constraint): string {
  return [
    ...(min === undefined ? [] : [`${metric}>=${min}`]),
    ...(max === undefined ? [] : [`${metric}<=${max}`]),
  ].join(', ');
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

/** Checks the constraints of a study, each on one of these metrics.  Throws `INVALID_ARGUMENT` or `UNKNOWN_NAME`. */
export function checkConstraints(given: unknown, metrics: readonly string[]): readonly Constraint[] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) {
    throw new OptiProxyError('INVALID_ARGUMENT', { what: 'options.constraints', expected: 'a list', given });
  }
  return given.map((one: unknown, i): Constraint => checkConstraint(`options.constraints[${i}]`, one, metrics));
}

function checkConstraint(what: string, given: unknown, metrics: readonly string[]): Constraint {
  const fail = (part: string, expected: string, value: unknown): never => {
    throw new OptiProxyError('INVALID_ARGUMENT', { what: `${what}${part}`, expected, given: value });
  };
  if (typeof given !== 'object' || given === null) {
    return fail('', "a constraint like { metric: 'latency_ms', max: 5 }", given);
  }
  const unknown = Object.keys(given).find((key) => !['metric', 'min', 'max'].includes(key));
  if (unknown !== undefined) fail(`.${unknown}`, 'one of metric, min, max', 'an unknown option');
  const { metric, min, max } = given as Constraint;
  if (!metrics.includes(metric)) {
    throw new OptiProxyError('UNKNOWN_NAME', {
      what: `${what}.metric`,
      expected: metrics.length === 0 ? 'a metric that is known before a query' : `one of ${metrics.join(', ')}`,
      given: metric,
      hint: 'constraints are checked before a query is spent, so the metric must be among options.metrics (--metric)',
    });
  }
  for (const [name, bound] of Object.entries({ min, max })) {
    if (bound !== undefined && !Number.isFinite(bound)) fail(`.${name}`, 'a finite number', bound);
  }
  if (min === undefined && max === undefined) fail('', 'min, max or both', given);
  if (min !== undefined && max !== undefined && min > max) fail('', 'min at most max', `${min} and ${max}`);
  return { metric, ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}
