import path from 'node:path';
import { OptiProxyError, printable } from '../errors.js';
import type { SearchSpace } from '../space/types.js';
import { readCsv, type CsvRow } from './csv.js';

export interface TableOptions {
  /** Metric columns to load. @default every column but the key, as long as its first value is a number */
  metrics?: readonly string[];
  /** Column of architecture strings. @default 'arch' */
  key?: string;
}

/** A benchmark's measurements: an oracle that answers at once, with what reports need besides. */
export interface TabularOracle {
  (architecture: string): Promise<Record<string, number>>;
  readonly file: string;
  /** Loaded metrics. */
  readonly metrics: readonly string[];
  /** Number of architectures. */
  readonly rows: number;
  /** One metric of one architecture; undefined if it is not in the table. */
  value(architecture: string, metric: string): number | undefined;
  /** The best value of a metric in the table. */
  best(metric: string, goal: 'maximize' | 'minimize'): number;
  /** 1 + the number of architectures that are strictly better than `value`. */
  rank(metric: string, goal: 'maximize' | 'minimize', value: number): number;
}

/**
 * An oracle from a CSV file (optionally `.gz`): column `arch` holds architecture strings of the space, the others numbers.
 * Every row is checked while it is read.  Throws `INVALID_TABLE` naming file, line and column, `UNKNOWN_NAME` for a metric
 * that is no column.
 */
export async function tabularOracle(
  file: string,
  space: SearchSpace,
  options: TableOptions = {},
): Promise<TabularOracle> {
  const rows = new Map<string, number>();
  const columns: number[][] = [];
  const lines: number[] = []; // of each row, for errors
  let header: Header | undefined;
  for await (const row of readCsv(file)) {
    if (header === undefined) {
      header = readHeader(file, row, options);
      continue;
    }
    if (columns.length === 0) {
      if (options.metrics === undefined) dropText(header, row);
      columns.push(...header.metrics.map(() => []));
    }
    const architecture = readArchitecture(file, row, header, space);
    if (rows.has(architecture)) {
      throw new OptiProxyError('INVALID_TABLE', {
        what: `${file} line ${row.line}, column ${header.key}`,
        expected: 'each architecture once',
        given: architecture,
        hint: `it stands on line ${lines[rows.get(architecture)!]} already`,
      });
    }
    rows.set(architecture, rows.size);
    lines.push(row.line);
    header.metrics.forEach(({ name, index }, i) => columns[i]!.push(readNumber(file, row, name, index)));
  }
  if (header === undefined || rows.size === 0) {
    throw new OptiProxyError('INVALID_TABLE', { what: file, expected: 'rows below the header', given: 'none' });
  }
  return makeOracle(
    file,
    space,
    rows,
    new Map(header.metrics.map(({ name }, i) => [name, Float64Array.from(columns[i]!)])),
  );
}

interface Header {
  key: string;
  keyIndex: number;
  metrics: { name: string; index: number }[];
}

function readHeader(file: string, { fields }: CsvRow, { metrics, key = 'arch' }: TableOptions): Header {
  const repeated = fields.find((name, i) => fields.indexOf(name) !== i);
  if (repeated !== undefined) {
    throw new OptiProxyError('INVALID_TABLE', {
      what: `${file} header`,
      expected: 'distinct columns',
      given: `${repeated} twice`,
    });
  }
  const keyIndex = fields.indexOf(key);
  const hint = `the columns are ${listed(fields)}`;
  if (keyIndex < 0) {
    throw new OptiProxyError('INVALID_TABLE', {
      what: `${file} header`,
      expected: `a column ${key} of architecture strings`,
      given: 'none',
      hint,
    });
  }
  const wanted = metrics ?? fields.filter((name) => name !== key);
  for (const name of wanted) {
    if (!fields.includes(name) || name === key) {
      throw new OptiProxyError('UNKNOWN_NAME', {
        what: `metric of ${file}`,
        expected: 'a column of numbers',
        given: name,
        hint,
      });
    }
  }
  return { key, keyIndex, metrics: wanted.map((name) => ({ name, index: fields.indexOf(name) })) };
}

/** Column names for a hint; a file that is no table may have thousands, or bytes that a terminal would obey. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 50).map((name) => (/^[\w.%-]{1,60}$/.test(name) ? name : printable(name)));
  return shown.join(', ') + (names.length > shown.length ? `, ... (${names.length})` : '');
}

/** Without a choice of metrics, columns that hold text in the first row are remarks, not measurements. */
function dropText(header: Header, row: CsvRow): void {
  header.metrics = header.metrics.filter(({ index }) => Number.isFinite(toNumber(row.fields[index]!)));
}

function readArchitecture(file: string, row: CsvRow, header: Header, space: SearchSpace): string {
  const text = row.fields[header.keyIndex]!;
  try {
    return space.format(space.parse(text));
  } catch (cause) {
    throw new OptiProxyError('INVALID_TABLE', {
      what: `${file} line ${row.line}, column ${header.key}: ${(cause as Error).message}`,
      cause,
    });
  }
}

function readNumber(file: string, row: CsvRow, column: string, index: number): number {
  const text = row.fields[index]!;
  const value = toNumber(text);
  if (!Number.isFinite(value)) {
    throw new OptiProxyError('INVALID_TABLE', {
      what: `${file} line ${row.line}, column ${column}`,
      expected: 'a finite number',
      given: text,
      hint: 'remove the row if it was not measured',
    });
  }
  return value;
}

/** NaN for anything but a plain decimal number (Number alone takes "", "0x1" and " 1 "). */
function toNumber(text: string): number {
  return /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(text) ? Number(text) : NaN;
}

function makeOracle(
  file: string,
  space: SearchSpace,
  rows: Map<string, number>,
  columns: Map<string, Float64Array>,
): TabularOracle {
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
  const oracle = async (architecture: string): Promise<Record<string, number>> => {
    const row = rows.get(space.format(space.parse(architecture)));
    if (row === undefined) {
      throw new OptiProxyError('ORACLE_FAILED', {
        what: path.basename(file),
        expected: 'a row for every architecture that is asked',
        given: architecture,
        hint: `the table has ${rows.size} of the ${space.size} architectures of ${space.id}`,
      });
    }
    return Object.fromEntries(metrics.map((metric) => [metric, column(metric)[row]!]));
  };
  return Object.assign(oracle, {
    file,
    metrics,
    rows: rows.size,
    value(architecture: string, metric: string): number | undefined {
      const row = rows.get(architecture);
      return row === undefined ? undefined : column(metric)[row];
    },
    best(metric: string, goal: 'maximize' | 'minimize'): number {
      return column(metric).reduce((a, b) => (goal === 'maximize' ? Math.max(a, b) : Math.min(a, b)));
    },
    rank(metric: string, goal: 'maximize' | 'minimize', value: number): number {
      return 1 + column(metric).filter((v) => (goal === 'maximize' ? v > value : v < value)).length;
    },
  });
}
