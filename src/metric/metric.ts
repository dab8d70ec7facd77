import { setImmediate } from 'node:timers/promises';
import { OptiProxyError, throwIfAborted } from '../errors.js';
import type { SearchSpace } from '../space/types.js';

/**
 * A metric that is known before a query is spent: of a table, a model, a count of parameters.  The values (n) of genes
 * (n, G), at once or later; NaN where it has none.  When the signal fires nobody waits for them any more.
 */
export interface CheapMetric {
  /** Unit of the values, where it is known. */
  readonly unit?: string | undefined;
  evaluate(genes: Uint8Array, signal?: AbortSignal): Float64Array | Promise<Float64Array>;
}

/** What a study takes for one: that, or a function of an architecture string, NaN for no value. */
export type GivenMetric = CheapMetric | ((architecture: string) => number | Promise<number>);

/** Milliseconds after which others have their turn. */
const TURN_MS = 10;

/** A function of one architecture as a metric of many.  Rejects with `INVALID_METRICS` for what is neither finite nor NaN. */
function metricOf(
  name: string,
  measure: (architecture: string) => number | Promise<number>,
  space: SearchSpace,
): CheapMetric {
  const width = space.program.genes.length;
  return {
    async evaluate(genes, signal) {
      const values = new Float64Array(genes.length / width);
      let since = performance.now();
      for (let i = 0; i < values.length; ++i) {
        const architecture = space.format(genes.subarray(i * width, (i + 1) * width));
        throwIfAborted('metric', signal);
        values[i] = finite(name, architecture, await measure(architecture));
        if (performance.now() - since < TURN_MS) continue;
        await setImmediate();
        since = performance.now();
      }
      return values;
    },
  };
}

function finite(name: string, architecture: string, value: unknown): number {
  if (typeof value === 'number' && (Number.isFinite(value) || Number.isNaN(value))) return value;
  throw new OptiProxyError('INVALID_METRICS', {
    what: `metric ${name} of ${architecture}`,
    expected: 'a finite number, or NaN for none',
    given: value,
  });
}

/** Checks what was given as the metrics of a study; the objectives are not all among them.  Throws `INVALID_ARGUMENT`. */
export function checkCheapMetrics(
  given: unknown,
  space: SearchSpace,
  objectives: readonly string[],
): ReadonlyMap<string, CheapMetric> {
  if (given === undefined) return new Map();
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: 'options.metrics',
      expected: 'metrics by their names',
      given,
      hint: 'like { latency_ms: (architecture) => 4.2 }',
    });
  }
  if (objectives.every((name) => Object.hasOwn(given, name))) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: 'options.metrics',
      expected: 'an objective that is not among them',
      given: objectives.join(', '),
      hint: 'what is known before a query needs no search',
    });
  }
  return new Map(
    Object.entries(given as Record<string, GivenMetric>).map(([name, metric]): [string, CheapMetric] => {
      if (typeof metric === 'function') return [name, metricOf(name, metric, space)];
      if (typeof metric?.evaluate === 'function') return [name, metric];
      throw new OptiProxyError('INVALID_ARGUMENT', {
        what: `options.metrics.${name}`,
        expected: 'a function of an architecture, or a metric with `evaluate`',
        given: metric,
      });
    }),
  );
}
