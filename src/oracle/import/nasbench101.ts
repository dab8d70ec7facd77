import { throwIfAborted } from '../../errors.js';
import { kindOf, type Refuse } from './failure.js';
import type { ImportedTable } from './imported.js';
import { modelMetricsDecoder, type ModelMetrics } from './model-metrics.js';
import { readTfRecords } from './tfrecord.js';

/** The only budget of `nasbench_only108.tfrecord`, and the longest of the full file, whose others are passed over. */
const EPOCHS = 108;
const MAX_VERTICES = 7;

const operationNames = new Map([
  ['conv3x3-bn-relu', 'c3'],
  ['conv1x1-bn-relu', 'c1'],
  ['maxpool3x3', 'mp'],
]);

/** What NAS-Bench-101 measured, in the order of the columns. */
const measured = ['val_108ep', 'test_108ep', 'train_seconds_108ep'] as const;

/** A cell, and the sums over its trainings. */
interface Cell {
  readonly facts: readonly (string | number)[];
  readonly sums: number[];
  runs: number;
}

/**
 * The cells of NAS-Bench-101 from its TFRecord file: one record a training, averaged over the trainings of a cell, in the
 * order in which the cells first come.
 */
export async function tableOfNasbench101(
  pieces: AsyncIterable<Buffer>,
  refuse: Refuse,
  signal?: AbortSignal,
): Promise<ImportedTable> {
  const decode = await modelMetricsDecoder();
  const cells = new Map<string, Cell>();
  let count = 0;
  const refuseRecord = (...[where, ...rest]: Parameters<Refuse>): never =>
    refuse(where === '' ? `record ${count}` : `record ${count}, ${where}`, ...rest);
  for await (const records of readTfRecords(pieces, refuse)) {
    throwIfAborted('import', signal);
    for (const record of records) {
      ++count;
      addTraining(cells, record, decode, refuseRecord);
    }
  }
  if (cells.size === 0) refuse('', `trainings of ${EPOCHS} epochs`, 'none');
  return {
    columns: ['hash', 'num_vertices', 'adjacency_upper', 'ops', 'params', ...measured],
    rows: Array.from(cells, ([hash, { facts, sums, runs }]) => [hash, ...facts, ...sums.map((sum) => sum / runs)]),
  };
}

/** A record is a JSON array: hash, epochs, adjacency (row by row), operations, metrics in base64. */
function addTraining(
  cells: Map<string, Cell>,
  record: Buffer,
  decode: (bytes: Uint8Array) => ModelMetrics,
  refuse: Refuse,
): void {
  let fields: unknown;
  try {
    fields = JSON.parse(record.toString('utf8'));
  } catch (error) {
    return refuse('', 'a JSON array', (error as Error).message);
  }
  if (!Array.isArray(fields) || fields.length !== 5) return refuse('', 'a JSON array of five', kindOf(fields));
  const [hash, epochs, adjacency, operations, encoded] = fields as unknown[];
  if (epochs !== EPOCHS) return;
  if (typeof hash !== 'string' || !/^[0-9a-f]{32}$/.test(hash)) return refuse('', 'a hash of 32 digits', kindOf(hash));
  if (typeof encoded !== 'string') return refuse('', 'metrics in base64', kindOf(encoded));
  let metrics: ModelMetrics;
  try {
    metrics = decode(Buffer.from(encoded, 'base64'));
  } catch (error) {
    return refuse('metrics', 'a ModelMetrics message', (error as Error).message);
  }
  const { validation = NaN, test = NaN, seconds = NaN } = metrics.last ?? {};
  const values = [validation, test, seconds];
  const lacking = measured.find((_, i) => !Number.isFinite(values[i]));
  if (lacking !== undefined) refuse('metrics', `a finite ${lacking}`, 'none');
  let cell = cells.get(hash);
  if (cell === undefined) {
    const { parameters } = metrics;
    if (!Number.isInteger(parameters)) refuse('metrics', 'a number of parameters', 'none');
    cell = { facts: [...cellFacts(adjacency, operations, refuse), parameters], sums: values.map(() => 0), runs: 0 };
    cells.set(hash, cell);
  }
  ++cell.runs;
  values.forEach((value, i) => (cell.sums[i]! += value));
}

/** Number of vertices, upper triangle row by row, names of the inner vertices. */
function cellFacts(adjacency: unknown, operations: unknown, refuse: Refuse): [number, string, string] {
  if (typeof operations !== 'string') return refuse('operations', 'a text', kindOf(operations));
  const names = operations.split(',');
  const n = names.length;
  if (n < 2 || n > MAX_VERTICES) refuse('operations', `2 to ${MAX_VERTICES} of them`, n);
  if (typeof adjacency !== 'string' || adjacency.length !== n * n || !/^[01]+$/.test(adjacency)) {
    return refuse('adjacency', `${n * n} digits 0 or 1`, typeof adjacency === 'string' ? adjacency : kindOf(adjacency));
  }
  let upper = '';
  for (let from = 0; from < n; ++from) {
    upper += adjacency.slice(from * n + from + 1, (from + 1) * n);
    if (adjacency.slice(from * n, from * n + from + 1).includes('1'))
      refuse('adjacency', 'edges forwards only', adjacency);
  }
  if (names[0] !== 'input' || names[n - 1] !== 'output')
    refuse('operations', 'input first and output last', operations);
  const inner = names
    .slice(1, -1)
    .map((name) => operationNames.get(name) ?? refuse('operations', [...operationNames.keys()].join(', '), name));
  return [n, upper, inner.join('-')];
}
