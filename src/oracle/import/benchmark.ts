import { OptiProxyError } from '../../errors.js';
import { kindOf, refusalsOf, type Refuse } from './failure.js';
import { tableOfHwNasBench, type HwDataset } from './hw-nas-bench.js';
import type { BenchmarkKind, ImportedTable } from './imported.js';
import { tableOfNasbench101 } from './nasbench101.js';
import { tableOfNasbench201 } from './nasbench201.js';
import { parsePickle } from './pickle.js';
import { sourcePieces, wholeOf, type ImportOptions } from './source.js';
import { startsRecord } from './tfrecord.js';

/** What a pickle of protocol 2 or later starts with. */
const PICKLE = 0x80;

export interface BenchmarkOptions extends ImportOptions {
  /** @default what the content says */
  kind?: BenchmarkKind | undefined;
  /** Of HW-NAS-Bench. @default 'cifar10' */
  dataset?: HwDataset | undefined;
}

export interface ImportedBenchmark extends ImportedTable {
  readonly kind: BenchmarkKind;
  /** Where the benchmark's file holds several. */
  readonly dataset?: HwDataset;
}

/**
 * Reads a benchmark's public file.  Throws `INVALID_TABLE` for a file that is damaged, hostile, or of another kind than
 * wanted; `INVALID_ARGUMENT` for a dataset where the kind has no choice; `ABORTED`.
 */
export async function importBenchmark(file: string, options: BenchmarkOptions = {}): Promise<ImportedBenchmark> {
  const refuse = refusalsOf(file);
  const pieces = sourcePieces(file, options);
  const first = (await pieces.next()).value as Buffer | undefined;
  try {
    if (first === undefined || first.length === 0) return refuse('', "a benchmark's file", 'an empty file');
    const all = prepend(first, pieces);
    if (startsRecord(first)) {
      checkKind('nasbench101', refuse, options);
      return { kind: 'nasbench101', ...(await tableOfNasbench101(all, refuse, options.signal)) };
    }
    if (first[0] !== PICKLE) {
      return refuse('', 'a pickle of protocol 2 to 5, or a TFRecord file', 'other content');
    }
    return fromPickle(await parsePickle(await wholeOf(file, all), refuse, options.signal), refuse, options);
  } finally {
    await pieces.return(undefined);
  }
}

async function* prepend(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

function fromPickle(data: unknown, refuse: Refuse, options: BenchmarkOptions): ImportedBenchmark {
  if (!(data instanceof Map)) return refuse('', 'a dictionary', kindOf(data));
  if (data.has('nasbench201')) {
    checkKind('hw-nas-bench', refuse, options);
    const dataset = options.dataset ?? 'cifar10';
    return { kind: 'hw-nas-bench', dataset, ...tableOfHwNasBench(data, dataset, refuse) };
  }
  checkKind('nasbench201', refuse, options);
  return { kind: 'nasbench201', ...tableOfNasbench201(data, refuse) };
}

function checkKind(found: BenchmarkKind, refuse: Refuse, { kind, dataset }: BenchmarkOptions): void {
  if (kind !== undefined && kind !== found) refuse('', `a file of ${kind}`, `what looks like ${found}`);
  if (dataset !== undefined && found !== 'hw-nas-bench') {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: '--dataset',
      expected: 'no dataset: every one of the file gets its columns',
      given: dataset,
      hint: 'only hw-nas-bench has one table a dataset',
    });
  }
}
