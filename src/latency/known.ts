import type { CheapMetric } from '../metric/metric.js';
import { tabularOracle, type TableOptions } from '../oracle/table.js';
import type { SearchSpace } from '../space/types.js';
import { modelFiles, onnxMetric } from './metric.js';

/** Kinds of files that a metric which is known before a query can come from. */
export const metricKinds = ['table', 'onnx'] as const;

/** A column of a table, or the output of an ONNX model, that is known before a query. */
export interface MetricSource {
  readonly name: string;
  readonly kind: (typeof metricKinds)[number];
  readonly file: string;
}

/** Metrics by their names, and what lets go of them. */
export interface OpenedMetrics {
  readonly metrics: Readonly<Record<string, CheapMetric>>;
  close(): Promise<void>;
}

/** Opens tables and models; a row that lacks a value has none. */
export async function openMetrics(
  sources: readonly MetricSource[],
  space: SearchSpace,
  options: Pick<TableOptions, 'key' | 'repeated'>,
): Promise<OpenedMetrics> {
  const metrics: Record<string, CheapMetric> = {};
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(closers.map((one) => one()));
  };
  try {
    for (const { name, kind, file } of sources) {
      if (kind === 'onnx') {
        const metric = await onnxMetric(file, { space });
        metrics[name] = metric;
        closers.push(() => metric.close());
      } else {
        const loaded = await tabularOracle(file, space, { ...options, metrics: [name], missing: 'skip' });
        metrics[name] = loaded.metric(name);
      }
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { metrics, close };
}

/** All files that the values of a metric depend on. */
export function filesOf({ kind, file }: MetricSource): string[] {
  return kind === 'onnx' ? modelFiles(file) : [file];
}
