import path from 'node:path';
import { OptiProxyError } from '../errors.js';
import type { SearchSpace } from '../space/types.js';
import { ByteIndex } from './byte-index.js';
import { readRows } from './rows.js';
import { TableLoader, type Table, type TableOptions } from './table-loader.js';

export type { TableOptions };

/** A benchmark's measurements: an oracle that answers at once, with what reports need besides. */
export interface TabularOracle {
  (architecture: string): Promise<Record<string, number>>;
  readonly file: string;
  /** Loaded metrics. */
  readonly metrics: readonly string[];
  /** Number of architectures. */
  readonly rows: number;
  /** Rows that were left out because a metric is missing. */
  readonly skipped: number;
  /** Rows of an architecture that an earlier row has, whose mean answers. */
  readonly repeated: number;
  /** One metric of one architecture; undefined if it is not in the table. */
  value(architecture: string, metric: string): number | undefined;
  /** The best value of a metric in the table. */
  best(metric: string, goal: 'maximize' | 'minimize'): number;
  /** A metric of every architecture, in the order of `architectures`; a copy. */
  values(metric: string): Float64Array;
  /** 1 + the number of architectures that are strictly better than `value`. */
  rank(metric: string, goal: 'maximize' | 'minimize', value: number): number;
  /** Genes (rows, G) of the architectures, in the order of the file; a copy. */
  architectures(): Uint8Array;
  /**
   * A metric as one that is known before a query (`StudyOptions.metrics`): values (n) of genes (n, G), NaN of what the table
   * does not have.
   */
  metric(name: string): { evaluate(genes: Uint8Array): Float64Array };
}

/** Architectures whose canonical keys are asked for at once. */
const KEYS_AT_ONCE = 4096;

/**
 * An oracle from a table (CSV, NDJSON, JSON, Parquet; {@link readRows}): column `arch` holds architecture strings of the
 * space, the others numbers.  Every row is checked while it is read.  It answers for an architecture that the table has, or
 * else for the first one in the table that the space holds for the same.  Throws `INVALID_TABLE` naming file, line and
 * column, `UNKNOWN_NAME` for a metric that is no column.
 */
export async function tabularOracle(
  file: string,
  space: SearchSpace,
  options: TableOptions = {},
): Promise<TabularOracle> {
  const loader = new TableLoader(file, space, options);
  for await (const batch of readRows(file, (columns) => loader.start(columns, options))) loader.add(batch);
  return makeOracle(file, space, loader.finish());
}

/** Finds rows by architecture: by its encoding, else the first that is the same by the space's rule. */
function rowFinder(space: SearchSpace, genes: ByteIndex): (genes: Uint8Array) => number {
  const canonical = new ByteIndex(16);
  const rows: number[] = []; // of each canonical key, the first
  for (let from = 0; from < genes.size; from += KEYS_AT_ONCE) {
    const to = Math.min(genes.size, from + KEYS_AT_ONCE);
    const keys = space.keys(genes.bytes.slice(from * genes.width, to * genes.width));
    for (let row = from; row < to; ++row) if (canonical.add(keys, (row - from) * 16) < 0) rows.push(row);
  }
  return (given) => {
    const exact = genes.find(given);
    if (exact >= 0) return exact;
    const same = canonical.find(space.keys(given));
    return same < 0 ? -1 : rows[same]!;
  };
}

function makeOracle(file: string, space: SearchSpace, { genes, columns, skipped, repeated }: Table): TabularOracle {
  const metrics = [...columns.keys()];
  const column = (metric: string): Float64Array => {
    const found = columns.get(metric);
    if (found === undefined) {
      throw new OptiProxyError('UNKNOWN_NAME', {
        what: `metric of ${file}`,
        expected: `one of ${metrics.join(', ')}`,
        given: metric,
      });
    }
    return found;
  };
  const find = rowFinder(space, genes);
  const oracle = async (architecture: string): Promise<Record<string, number>> => {
    const row = find(space.parse(architecture));
    if (row < 0) {
      throw new OptiProxyError('ORACLE_FAILED', {
        what: path.basename(file),
        expected: 'a row for every architecture that is asked',
        given: architecture,
        hint: `the table has ${genes.size} of the ${space.size} architectures of ${space.id}; --pool table, or pool: oracle.architectures(), asks for those alone`,
      });
    }
    return Object.fromEntries(metrics.map((metric) => [metric, column(metric)[row]!]));
  };
  return Object.assign(oracle, {
    file,
    metrics,
    rows: genes.size,
    skipped,
    repeated,
    value(architecture: string, metric: string): number | undefined {
      let row: number;
      try {
        row = find(space.parse(architecture));
      } catch (error) {
        if (error instanceof OptiProxyError && error.code === 'INVALID_ARCHITECTURE') return undefined;
        throw error;
      }
      return row < 0 ? undefined : column(metric)[row];
    },
    best(metric: string, goal: 'maximize' | 'minimize'): number {
      return column(metric).reduce((a, b) => (goal === 'maximize' ? Math.max(a, b) : Math.min(a, b)));
    },
    values: (metric: string) => column(metric).slice(),
    rank(metric: string, goal: 'maximize' | 'minimize', value: number): number {
      return 1 + column(metric).filter((v) => (goal === 'maximize' ? v > value : v < value)).length;
    },
    architectures: () => genes.bytes.slice(),
    metric(name: string) {
      const values = column(name);
      return {
        evaluate(given: Uint8Array): Float64Array {
          const { width } = genes;
          return Float64Array.from({ length: given.length / width }, (_, i) => {
            const row = find(given.subarray(i * width, (i + 1) * width));
            return row < 0 ? NaN : values[row]!;
          });
        },
      };
    },
  });
}
