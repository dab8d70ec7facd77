import { OptiProxyError } from '../errors.js';
import { parseConstraint, type Constraint } from '../metric/constraint.js';
import { metricKinds, type MetricSource } from '../latency/known.js';
import type { Metrics } from '../study/types.js';
import type { Settings, TaskSettings } from './settings.js';

/** Reads what `--metric` was given, `NAME=table:FILE` or `NAME=onnx:FILE` each.  Throws `INVALID_ARGUMENT`. */
export function metricSources({ metric = [] }: TaskSettings): MetricSource[] {
  const sources = metric.map((text): MetricSource => {
    const [, name, given, file] = /^([^=]+)=([^:]+):(.+)$/.exec(text) ?? [];
    const kind = metricKinds.find((one) => one === given);
    if (kind !== undefined) return { name: name!, kind, file: file! };
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: '--metric',
      expected: 'NAME=table:FILE, NAME being a column of the table, or NAME=onnx:FILE',
      given: text,
      hint: 'like --metric latency_ms=table:latency.csv',
    });
  });
  const twice = sources.find(({ name }, i) => sources.findIndex((one) => one.name === name) < i);
  if (twice === undefined) return sources;
  throw new OptiProxyError('INVALID_ARGUMENT', {
    what: '--metric',
    expected: 'each metric once',
    given: `${twice.name} twice`,
  });
}

/** Reads what `--constraint` was given.  Throws `INVALID_ARGUMENT`. */
export function constraintsOf({ constraint = [] }: TaskSettings): Constraint[] {
  return constraint.map(parseConstraint);
}

/** Reads what `--unit` was given, `METRIC=UNIT` each.  Throws `INVALID_ARGUMENT`. */
export function unitsOf({ unit = [] }: Settings): Record<string, string> {
  return Object.fromEntries(
    unit.map((text): [string, string] => {
      const [, metric, name] = /^([^=]+)=(.*\S.*)$/.exec(text) ?? [];
      if (metric !== undefined) return [metric, name!];
      throw new OptiProxyError('INVALID_ARGUMENT', {
        what: '--unit',
        expected: 'METRIC=UNIT',
        given: text,
        hint: 'like --unit latency_ms=ms',
      });
    }),
  );
}

/** Reads what `--reference` was given, `METRIC=NUMBER` each.  Throws `INVALID_ARGUMENT`. */
export function referenceOf({ reference = [] }: Settings): Metrics {
  return Object.fromEntries(
    reference.map((text): [string, number] => {
      const [, metric, number] = /^(.+)=(\S+)$/.exec(text) ?? [];
      if (metric !== undefined && Number.isFinite(Number(number))) return [metric, Number(number)];
      throw new OptiProxyError('INVALID_ARGUMENT', {
        what: '--reference',
        expected: 'METRIC=NUMBER, METRIC being an objective',
        given: text,
        hint: 'like --reference latency_ms=20',
      });
    }),
  );
}
