import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { checkName, OptiProxyError } from '../errors.js';
import { writeJsonFile } from '../files.js';
import { version } from '../metadata.js';
import { importBenchmark, type ImportedBenchmark } from '../oracle/import/benchmark.js';
import { csvText } from '../oracle/import/csv-text.js';
import { hwDatasets } from '../oracle/import/hw-nas-bench.js';
import { benchmarkKinds } from '../oracle/import/imported.js';
import { digestOf } from '../oracle/import/source.js';
import { interruptible } from './interrupt.js';
import { printLine } from './output.js';
import { checkWritable } from './search.js';

/** Between two lines of progress. */
const LINE_MS = 2000;

export interface ImportFlags {
  out?: string;
  kind?: string;
  dataset?: string;
  quiet?: boolean;
}

/** Where a table came from; lies beside it. */
interface Provenance {
  schema: 1;
  source: { name: string; sha256: string; bytes: number };
  kind: string;
  dataset?: string;
  table: { name: string; sha256: string };
  rows: number;
  columns: readonly string[];
  version: string;
  created: string;
}

/** Runs `optiproxy import`; resolves to the exit status. */
export async function importTable(file: string, flags: ImportFlags): Promise<number> {
  const out = checkOut(file, flags.out);
  const kind = flags.kind === undefined ? undefined : checkName('--kind', flags.kind, benchmarkKinds);
  const dataset = flags.dataset === undefined ? undefined : checkName('--dataset', flags.dataset, hwDatasets);
  await checkWritable(out);
  const say = flags.quiet === true ? () => {} : (text: string) => printLine(process.stderr, text);
  return interruptible(async (signal) => {
    const table = await importBenchmark(file, { kind, dataset, signal, onProgress: progress(say) });
    say(`read ${table.rows.length} architectures of ${table.kind}`);
    const source = { name: path.basename(file), ...(await digestOf(file, signal)) };
    await writeTable(out, table, source, signal);
    say(`wrote ${out} and ${provenanceFile(out)}`);
    return 0;
  });
}

function checkOut(file: string, out: string | undefined): string {
  const fail = (expected: string, given: string): never => {
    throw new OptiProxyError('INVALID_ARGUMENT', { what: '--out', expected, given, hint: 'like table.csv.gz' });
  };
  if (out === undefined) return fail('a file for the table', 'none');
  if (!/[^/\\]\.csv(\.gz)?$/.test(out)) fail('a name that ends in .csv or .csv.gz', out);
  if (path.resolve(out) === path.resolve(file)) fail('another file than the one that is read', out);
  return out;
}

function progress(say: (text: string) => void): (bytes: number) => void {
  let last = performance.now();
  return (bytes) => {
    const now = performance.now();
    if (now - last < LINE_MS) return;
    last = now;
    say(`${(bytes / 1024 ** 2).toFixed(0)} MiB read`);
  };
}

/** `nasbench201.csv.gz` → `nasbench201.provenance.json`, in the same folder. */
function provenanceFile(out: string): string {
  return `${out.replace(/\.csv(\.gz)?$/, '')}.provenance.json`;
}

/** The table comes to its name whole, and its provenance after it: who reads a checksum finds the table it is of. */
async function writeTable(
  out: string,
  table: ImportedBenchmark,
  source: Provenance['source'],
  signal: AbortSignal,
): Promise<void> {
  const partial = `${out}.${randomUUID()}.tmp`;
  const hash = createHash('sha256');
  const hashed = new Transform({
    transform(piece: Buffer, _encoding, done) {
      hash.update(piece);
      done(null, piece);
    },
  });
  try {
    const text = Readable.from(csvText(table));
    const target = createWriteStream(partial, { flags: 'wx' });
    if (out.endsWith('.gz')) await pipeline(text, createGzip({ level: 9 }), hashed, target, { signal });
    else await pipeline(text, hashed, target, { signal });
    await rename(partial, out);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  const { kind, dataset, rows, columns } = table;
  const provenance: Provenance = {
    schema: 1,
    source,
    kind,
    ...(dataset === undefined ? {} : { dataset }),
    table: { name: path.basename(out), sha256: hash.digest('hex') },
    rows: rows.length,
    columns,
    version,
    created: new Date().toISOString(),
  };
  await writeJsonFile(provenanceFile(out), provenance);
}
