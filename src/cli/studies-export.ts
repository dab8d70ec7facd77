import { OptiProxyError } from '../errors.js';
import { writeWholeFile } from '../files.js';
import { csvLine } from '../oracle/import/csv-text.js';
import { loadParquetWriter } from '../packages.js';
import { readStudy, type StoredTrial } from '../store/read.js';
import { printLine, stdout } from './output.js';

/** Texts and numbers of a trial, by column; null where it has none. */
type Row = Readonly<Record<string, string | number | null>>;

const writers: Record<string, (rows: readonly Row[]) => string | Promise<Uint8Array>> = {
  csv: csvOf,
  ndjson: ndjsonOf,
  parquet: parquetOf,
};

/** Writes the trials of a study as a table, as those of oracles are: column `arch`, and one for each metric. */
export async function exportTrials(file: string, out: string | undefined): Promise<number> {
  const writer = out === undefined ? ndjsonOf : writers[/[^/\\]\.(\w+)$/.exec(out)?.[1] ?? ''];
  if (writer === undefined) {
    throw new OptiProxyError('INVALID_ARGUMENT', { what: '--out', expected: 'a name that ends in .csv, .ndjson or .parquet', given: out }); // prettier-ignore
  }
  const { trials } = readStudy(file);
  const written = await writer(rowsOf(trials));
  if (out === undefined) stdout(written as string);
  else {
    await writeWholeFile(out, written);
    printLine(process.stderr, `wrote ${trials.length} trials to ${out}`);
  }
  return 0;
}

function rowsOf(trials: readonly StoredTrial[]): Row[] {
  const names = [...new Set(trials.flatMap(({ metrics }) => Object.keys(metrics)))];
  return trials.map(({ architecture, screening, metrics, ...trial }) => ({
    arch: architecture,
    ...Object.fromEntries(names.map((name) => [name, metrics[name] ?? null])),
    id: trial.id,
    state: trial.state,
    kind: screening ? 'screening' : 'query',
    round: trial.round,
    attempts: trial.attempts,
    asked: trial.asked,
    finished: trial.finished,
    error: trial.error,
  }));
}

function csvOf(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? { arch: null });
  return [columns, ...rows.map((row) => columns.map((name) => row[name] ?? ''))]
    .map((cells) => csvLine(cells))
    .join('');
}

function ndjsonOf(rows: readonly Row[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

async function parquetOf(rows: readonly Row[]): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await loadParquetWriter();
  const columnData = Object.keys(rows[0] ?? { arch: null }).map((name) => {
    const data = rows.map((row) => row[name] ?? null);
    const text = data.some((value) => typeof value === 'string') || data.every((value) => value === null);
    return { name, data, type: text ? ('STRING' as const) : ('DOUBLE' as const), nullable: true };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}
