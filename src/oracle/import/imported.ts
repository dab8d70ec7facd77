import { kindOf, type Refuse } from './failure.js';

/** The benchmarks whose files can be imported. */
export const benchmarkKinds = ['nasbench201', 'hw-nas-bench', 'nasbench101'] as const;
export type BenchmarkKind = (typeof benchmarkKinds)[number];

/** A table as it will be written. */
export interface ImportedTable {
  readonly columns: readonly string[];
  /** Cells of each row, in the order of the columns; a number that is not finite was not measured. */
  readonly rows: readonly (readonly (string | number)[])[];
}

/** Datasets hold hyphens, which a metric's name on the command line would not. */
export function columnName(refuse: Refuse, ...parts: readonly unknown[]): string {
  // Only texts are joined: what else stands in a file may take forever to print.
  for (const part of parts) if (typeof part !== 'string') return refuse('', 'metrics named by texts', kindOf(part));
  const name = parts.join('_').replaceAll('-', '_');
  if (/^[\w.]{1,80}$/.test(name)) return name;
  return refuse('', 'metrics named by letters, digits and underscores', name);
}

/** A dictionary, at a place that messages name. */
export function dictionaryAt(refuse: Refuse, where: string, value: unknown): ReadonlyMap<unknown, unknown> {
  return value instanceof Map ? value : refuse(where, 'a dictionary', kindOf(value));
}

/** An architecture string of NAS-Bench-201, which needs no quotes in a CSV file. */
export function architectureAt(refuse: Refuse, where: string, value: unknown): string {
  if (typeof value === 'string' && /^\|[\w~|+]{1,200}\|$/.test(value)) return value;
  return refuse(where, 'an architecture string', typeof value === 'string' ? value : kindOf(value));
}
