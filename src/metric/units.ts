import { OptiProxyError } from '../errors.js';
import type { CheapMetric } from './metric.js';

/** Units of metrics by their names, as they are shown. */
export type Units = Readonly<Record<string, string>>;

/** Units as given, with those that metrics say of themselves.  Throws `INVALID_ARGUMENT`, also where the two differ. */
export function checkUnits(given: unknown, metrics: ReadonlyMap<string, CheapMetric>): Units {
  const fail = (what: string, expected: string, value: unknown, hint?: string): never => {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what,
      expected,
      given: value,
      ...(hint === undefined ? {} : { hint }),
    });
  };
  if (given !== undefined && (typeof given !== 'object' || given === null || Array.isArray(given)))
    return fail('options.units', "units by the names of metrics, like { latency_ms: 'ms' }", given);
  const stated = Object.entries((given ?? {}) as Record<string, unknown>).map(([name, unit]): [string, string] => {
    if (typeof unit !== 'string' || unit.trim() === '') return fail(`options.units.${name}`, 'a text like ms', unit);
    const own = metrics.get(name)?.unit;
    if (own === undefined || own === unit) return [name, unit];
    return fail(
      `options.units.${name}`,
      own,
      unit,
      'what this metric comes from says so itself; a limit on it is in that unit',
    );
  });
  const own = [...metrics].flatMap(([name, { unit }]): [string, string][] => {
    if (unit === undefined) return [];
    if (typeof unit !== 'string' || unit.trim() === '')
      return fail(`options.metrics.${name}.unit`, 'a text like ms', unit);
    return [[name, unit]];
  });
  // Without what all objects have: a metric may be called like that.
  return Object.freeze(
    Object.assign(Object.create(null) as Record<string, string>, Object.fromEntries([...own, ...stated])),
  );
}

/** A value, or a name, and behind it the unit, if there is one. */
export function withUnit(text: string, unit: string | undefined): string {
  return unit === undefined ? text : `${text} ${unit}`;
}
