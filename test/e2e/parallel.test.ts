import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { digits201Oracle, spaces, Study } from '../../src/index.js';
import { root } from '../support/cli.js';
import { scratchFolder } from '../support/files.js';

interface Answer {
  id: number;
  architecture: string;
  worker: number;
  start: number;
  end: number;
}
interface Row {
  clock: 'measured' | 'stragglers';
  workers: number;
  mode: 'ordered' | 'async';
  pending: 'expected' | 'nothing' | 'worst';
  speedUp: number[];
  seeds: Record<'queriesToBest' | 'timeToBest' | 'best' | 'time' | 'utilisation', (number | null)[]>;
  traces: Answer[][];
}

const bench = path.join(root, 'bench', 'parallel.mjs');
const folder = scratchFolder();
const [SEEDS, QUERIES, FIRST] = [2, 40, 10];
let rows: Row[];
let printed: string;

beforeAll(() => {
  const out = path.join(folder.path, 'parallel.json');
  const numbers = ['--seeds', String(SEEDS), '--queries', String(QUERIES), '--workers', '1,3,8'];
  printed = execFileSync(process.execPath, [bench, ...numbers, '--traces', '--out', out], { encoding: 'utf8' });
  ({ rows } = JSON.parse(readFileSync(out, 'utf8')) as { rows: Row[] });
}, 300_000);

/** Architectures in the order that `study.run` asks for them, so many at once. */
function ran(seed: number, concurrency: number): Promise<string[]> {
  const key = `${seed} ${concurrency}`;
  if (!runs.has(key)) runs.set(key, run(seed, concurrency));
  return runs.get(key)!;
}

const runs = new Map<string, Promise<string[]>>();
async function run(seed: number, concurrency: number): Promise<string[]> {
  const objectives = [{ metric: 'val_acc', goal: 'maximize' as const }];
  const study = await Study.open({ space: spaces.digits201(), objectives, seed, threads: 1 });
  await study.run({ oracle: await digits201Oracle({ metrics: ['val_acc'] }), queries: QUERIES, concurrency });
  study.close();
  return study.trials.map(({ architecture }) => architecture);
}

const inOrder = (trace: readonly Answer[]): Answer[] => [...trace].sort((a, b) => a.id - b.id);
const asked = (trace: readonly Answer[]): string[] => inOrder(trace).map(({ architecture }) => architecture);
const mean = (values: readonly (number | null)[]): number => values.reduce<number>((a, b) => a + b!, 0) / values.length;
const rowOf = (wanted: Partial<Row>): Row =>
  rows.find((row) => Object.entries(wanted).every(([key, value]) => row[key as keyof Row] === value))!;

test('every setting has a row, and a line of the table', () => {
  const settings = rows.map(({ clock, workers, mode, pending }) => `${clock} ${workers} ${mode} ${pending}`);
  expect(new Set(settings).size).toBe(2 * 2 * (3 + 2));
  expect(printed.split('\n').filter((line) => line.startsWith('| Digits-201'))).toHaveLength(rows.length);
});

test('alone both modes are the search of study.run', async () => {
  for (const row of rows.filter(({ workers }) => workers === 1)) {
    for (const [i, trace] of row.traces.entries()) {
      expect(trace.map(({ id }) => id)).toEqual(Array.from({ length: QUERIES }, (_, id) => id + 1));
      expect(asked(trace)).toEqual(await ran(i + 1, 1));
    }
    expect(row.speedUp).toEqual([1, 1, 1]);
  }
});

test('ordered is study.run with such a concurrency, however long the queries take', async () => {
  for (const row of rows.filter(({ mode, pending }) => mode === 'ordered' && pending === 'expected')) {
    for (const [i, trace] of row.traces.entries()) expect(asked(trace)).toEqual(await ran(i + 1, row.workers));
  }
});

test('async, and a search that imagines something else, ask for others', () => {
  const traces = (['ordered', 'async'] as const).flatMap((mode) =>
    (['expected', 'nothing', 'worst'] as const).map((pending) =>
      asked(rowOf({ workers: 8, mode, pending }).traces[0]!).join(),
    ),
  );
  expect(new Set(traces).size).toBe(6);
});

test('each trial is told once, when it ends, by a worker that has one at a time', () => {
  for (const { traces, workers } of rows) {
    for (const trace of traces) {
      expect(inOrder(trace).map(({ id }) => id)).toEqual(Array.from({ length: QUERIES }, (_, i) => i + 1));
      expect(new Set(asked(trace)).size).toBe(QUERIES);
      expect(trace.map(({ end }) => end)).toEqual(trace.map(({ end }) => end).sort((a, b) => a - b));
      const free = new Array<number>(workers).fill(0);
      for (const { worker, start, end } of inOrder(trace)) {
        expect(free[worker]).toBeLessThanOrEqual(start);
        free[worker] = end;
      }
    }
  }
});

test('async: no worker waits while there is something to ask; ordered: a batch waits for the one before', () => {
  for (const { traces, workers, mode } of rows) {
    for (const trace of traces.map(inOrder)) {
      const free = new Array<number>(workers).fill(0);
      let before = 0;
      trace.forEach(({ worker, start, end }, i) => {
        const batchStarts = i >= FIRST && (i - FIRST) % workers === 0;
        if (batchStarts) before = Math.max(...free);
        if (mode === 'async') expect(start).toBe(free[worker]);
        else if (i >= FIRST) expect(start).toBe(before);
        free[worker] = end;
      });
    }
  }
});

test('figures are those of the traces', () => {
  for (const { traces, workers, seeds } of rows) {
    traces.forEach((trace, i) => {
      const time = Math.max(...trace.map(({ end }) => end));
      const busy = trace.reduce((sum, { start, end }) => sum + end - start, 0);
      expect(seeds.time[i]).toBe(time);
      expect(seeds.utilisation[i]).toBeCloseTo(busy / workers / time, 10);
      const found = seeds.queriesToBest[i]!;
      expect(seeds.timeToBest[i]).toBe(found === null ? null : trace[found - 1]!.end);
    });
  }
});

test('workers idle more in batches, and with stragglers more still', () => {
  const busy = (wanted: Partial<Row>): number => mean(rowOf({ pending: 'expected', ...wanted }).seeds.utilisation);
  for (const workers of [3, 8]) {
    const ordered = busy({ workers, mode: 'ordered', clock: 'measured' });
    expect(ordered).toBeLessThan(busy({ workers, mode: 'async', clock: 'measured' }));
    expect(busy({ workers, mode: 'ordered', clock: 'stragglers' })).toBeLessThan(ordered);
    const slower = rowOf({ workers, mode: 'ordered', clock: 'stragglers', pending: 'expected' }).seeds.time;
    expect(mean(slower)).toBeGreaterThan(mean(rowOf({ workers, mode: 'async', clock: 'stragglers' }).seeds.time));
  }
});

test.each([
  ['no seeds', ['--seeds', '0']],
  ['workers without one', ['--workers', '2,4']],
  ['queries that are no number', ['--queries', 'all']],
])('%s: one line and status 2', (_name, args) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bench, ...args], { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/^bench parallel: expected .*\n$/);
});
