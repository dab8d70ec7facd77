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

/** Reads what `--constraint` was given, each on one of these metrics.  Throws `INVALID_ARGUMENT` or `UNKNOWN_NAME`. */
export function constraintsOf({ constraint = [] }: TaskSettings, sources: readonly MetricSource[]): Constraint[] {
  return constraint.map((text) => {
    const parsed = parseConstraint(text);
    if (sources.some(({ name }) => name === parsed.metric)) return parsed;
    throw new OptiProxyError('UNKNOWN_NAME', {
      what: '--constraint',
      expected:
        sources.length === 0 ? 'a metric that --metric names' : `one of ${sources.map((s) => s.name).join(', ')}`,
      given: parsed.metric,
      hint: `--metric ${parsed.metric}=table:FILE or onnx:FILE says where it is known from before a query is spent`,
    });
  });
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
