import { checkName, OptiProxyError, printable } from '../errors.js';
import type { RowBatch } from './batch.js';
import { ByteIndex } from './byte-index.js';
import { isMissing, toKey, toNumber } from './cells.js';

export interface TableOptions {
  /** Metric columns to load. @default every column but the key, as long as its first value is a number */
  metrics?: readonly string[];
  /** Column of architecture strings, or several whose texts are joined by `|`. @default 'arch' */
  key?: string | readonly string[];
  /** What to do with a row that lacks a metric (empty, null, NaN). @default 'refuse' */
  missing?: 'refuse' | 'skip';
  /** What to do with rows of the same architecture: refuse them, or take the mean of their metrics. @default 'refuse' */
  repeated?: 'refuse' | 'mean';
}

interface Column {
  readonly name: string;
  readonly index: number;
}

/** What a loader needs of a space. */
interface Parser {
  parse(architecture: string): Uint8Array;
  format(genes: Uint8Array): string;
}

/** What was read of a table. */
export interface Table {
  readonly genes: ByteIndex;
  readonly columns: ReadonlyMap<string, Float64Array>;
  readonly skipped: number;
  readonly repeated: number;
}

/** Checks rows and keeps what an oracle needs, in columns. */
export class TableLoader {
  readonly #file: string;
  readonly #space: Parser;
  readonly #skipMissing: boolean;
  readonly #meanOfRepeated: boolean;
  #key: readonly Column[] = [];
  #metrics: readonly Column[] = [];
  #choose = true; // of the metrics, by the first row
  #genes: ByteIndex | undefined;
  readonly #sums: number[][] = []; // of each metric, of each row's architecture
  readonly #repeats = new Map<number, number>(); // of a row: how many more there were
  readonly #positions: number[] = []; // of each row, for errors
  #skipped = 0;

  constructor(file: string, space: Parser, { missing = 'refuse', repeated = 'refuse' }: TableOptions) {
    this.#file = file;
    this.#space = space;
    this.#skipMissing = checkName('missing', missing, ['refuse', 'skip']) === 'skip';
    this.#meanOfRepeated = checkName('repeated', repeated, ['refuse', 'mean']) === 'mean';
  }

  /** Takes the names of the columns; returns those whose cells are needed. */
  start(columns: readonly string[], { metrics, key = 'arch' }: TableOptions): string[] {
    const repeated = new Set(columns).size < columns.length && columns.find((name, i) => columns.indexOf(name) !== i);
    if (repeated !== false) {
      throw new OptiProxyError('INVALID_TABLE', {
        what: `${this.#file} header`,
        expected: 'distinct columns',
        given: `${repeated} twice`,
      });
    }
    const keys = typeof key === 'string' ? [key] : key;
    if (keys.length === 0) {
      throw new OptiProxyError('INVALID_ARGUMENT', { what: 'key', expected: 'at least one column', given: 'none' });
    }
    const hint = `the columns are ${listed(columns)}`;
    for (const name of keys) {
      if (columns.includes(name)) continue;
      throw new OptiProxyError('INVALID_TABLE', {
        what: `${this.#file} header`,
        expected: `a column ${name} of architecture strings`,
        given: 'none',
        hint,
      });
    }
    const wanted = metrics ?? columns.filter((name) => !keys.includes(name));
    for (const name of wanted) {
      if (columns.includes(name) && !keys.includes(name)) continue;
      throw new OptiProxyError('UNKNOWN_NAME', {
        what: `metric of ${this.#file}`,
        expected: 'a column of numbers',
        given: name,
        hint,
      });
    }
    const find = (name: string): Column => ({ name, index: columns.indexOf(name) });
    this.#key = keys.map(find);
    this.#metrics = wanted.map(find);
    this.#choose = metrics === undefined;
    return [...keys, ...wanted];
  }

  add({ rows, positions, unit }: RowBatch): void {
    rows.forEach((cells, i) => this.#addRow(cells, unit, positions[i]!));
  }

  finish(): Table {
    if (this.#genes === undefined) {
      throw new OptiProxyError('INVALID_TABLE', {
        what: this.#file,
        expected: 'rows below the header',
        given: this.#skipped === 0 ? 'none' : `${this.#skipped} that lack a metric`,
      });
    }
    for (const sums of this.#sums) for (const [row, repeats] of this.#repeats) sums[row]! /= 1 + repeats;
    const columns = this.#metrics.map(({ name }, i) => [name, Float64Array.from(this.#sums[i]!)] as const);
    const repeated = [...this.#repeats.values()].reduce((sum, repeats) => sum + repeats, 0);
    return { genes: this.#genes, columns: new Map(columns), skipped: this.#skipped, repeated };
  }

  #addRow(cells: readonly unknown[], unit: string, position: number): void {
    if (this.#sums.length === 0) {
      // Without a choice of metrics, columns that hold text in the first row are remarks, not measurements.
      if (this.#choose) this.#metrics = this.#metrics.filter(({ index }) => Number.isFinite(toNumber(cells[index])));
      this.#sums.push(...this.#metrics.map(() => []));
      this.#choose = false;
    }
    if (this.#skipMissing && this.#metrics.some(({ index }) => isMissing(cells[index]))) {
      ++this.#skipped;
      return;
    }
    const where = `${this.#file} ${unit} ${position}`;
    const genes = this.#architecture(cells, where);
    this.#genes ??= new ByteIndex(genes.length);
    const earlier = this.#genes.add(genes);
    if (earlier >= 0 && !this.#meanOfRepeated) {
      throw new OptiProxyError('INVALID_TABLE', {
        what: `${where}, column ${this.#keyName}`,
        expected: 'each architecture once',
        given: this.#space.format(genes),
        hint: `it stands on ${unit} ${this.#positions[earlier]} already`,
      });
    }
    if (earlier < 0) this.#positions.push(position);
    else this.#repeats.set(earlier, (this.#repeats.get(earlier) ?? 0) + 1);
    const row = earlier < 0 ? this.#positions.length - 1 : earlier;
    this.#metrics.forEach(({ name, index }, i) => {
      const value = toNumber(cells[index]);
      if (!Number.isFinite(value)) {
        throw new OptiProxyError('INVALID_TABLE', {
          what: `${where}, column ${name}`,
          expected: 'a finite number',
          given: cells[index] ?? 'none',
          hint: "remove the row if it was not measured, or read with missing: 'skip'",
        });
      }
      this.#sums[i]![row] = (this.#sums[i]![row] ?? 0) + value;
    });
  }

  get #keyName(): string {
    return this.#key.map(({ name }) => name).join(' and ');
  }

  #architecture(cells: readonly unknown[], where: string): Uint8Array {
    const parts = this.#key.map(({ name, index }) => {
      const text = toKey(cells[index]);
      if (text !== undefined) return text;
      throw new OptiProxyError('INVALID_TABLE', {
        what: `${where}, column ${name}`,
        expected: 'an architecture',
        given: cells[index] ?? 'none',
      });
    });
    try {
      return this.#space.parse(parts.length === 1 ? parts[0]! : parts.join('|'));
    } catch (cause) {
      throw new OptiProxyError('INVALID_TABLE', {
        what: `${where}, column ${this.#keyName}: ${(cause as Error).message}`,
        cause,
      });
    }
  }
}

/** Column names for a hint; a file that is no table may have thousands, or bytes that a terminal would obey. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 50).map((name) => (/^[\w.%-]{1,60}$/.test(name) ? name : printable(name)));
  return shown.join(', ') + (names.length > shown.length ? `, ... (${names.length})` : '');
}
