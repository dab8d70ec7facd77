import type { SearchSpace } from '../space/types.js';
import { tabularOracle, type TableOptions, type TabularOracle } from './table.js';

/** A column of a table that is known before a query. */
export interface MetricSource {
  readonly name: string;
  readonly table: string;
}

/** Opens the tables of metrics; a row that lacks a value has none. */
export async function openMetrics(
  sources: readonly MetricSource[],
  space: SearchSpace,
  options: Pick<TableOptions, 'key' | 'repeated'>,
): Promise<Record<string, ReturnType<TabularOracle['metric']>>> {
  const opened: Record<string, ReturnType<TabularOracle['metric']>> = {};
  for (const { name, table } of sources) {
    const loaded = await tabularOracle(table, space, { ...options, metrics: [name], missing: 'skip' });
    opened[name] = loaded.metric(name);
  }
  return opened;
}
