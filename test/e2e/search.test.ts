import { readFileSync } from 'node:fs';
import path from 'node:path';
import { proxyNames } from '../../src/search/methods.js';
import { cli, searchJson } from '../support/cli.js';
import { scratchFolder } from '../support/files.js';

const folder = scratchFolder();
const digits = ['--space', 'digits201'];

test('one JSON object with the promised keys, in a promised order', async () => {
  const result = await searchJson([...digits, '--queries', '40', '--seed', '1']);
  expect(Object.keys(result)).toEqual([
    'schema',
    'space',
    'method',
    'preset',
    'proxy',
    'seed',
    'queries',
    'units',
    'stopped',
    'best',
    'trace',
    'rounds',
    'warnings',
    'timings',
    'peakRssMb',
    'device',
    'isa',
    'version',
  ]);
  expect(result).toMatchObject({ schema: 1, space: 'digits201', method: 'optiproxy', preset: 'default', proxy: 'gcn', seed: 1, queries: 40, stopped: 'budget' }); // prettier-ignore
  expect(Object.keys(result.timings)).toEqual(['fitMs', 'climbMs', 'acquireMs', 'oracleMs', 'totalMs']);
  expect(result.trace.map(({ query }) => query)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  const values = result.trace.map(({ metrics }) => metrics['val_acc']!);
  expect(result.trace.map(({ best }) => best)).toEqual(values.map((_, i) => Math.max(...values.slice(0, i + 1))));
  const { best } = result;
  expect(best!.metrics['val_acc']).toBe(Math.max(...values));
  expect(best!.architecture).toBe(result.trace[best!.query - 1]!.architecture);
  expect(Object.keys(best!.metrics)).toEqual(['val_acc', 'test_acc']);
  expect(new Set(result.trace.map(({ architecture }) => architecture)).size).toBe(40);
  for (const { round, predicted } of result.trace) expect(predicted === null).toBe(round === 0);
  expect(result.trace.at(-1)!.predicted).toBeGreaterThan(80);
});

test('every proxy searches, of operations and of free edges, each in its own way', async () => {
  const module = folder.write('length.mjs', 'export default async (architecture) => ({ acc: architecture.length });');
  const edges = ['--space', 'nasbench101', '--oracle', `module:${module}`, '--objective', 'acc', '--preset', 'paper'];
  for (const space of [digits, edges]) {
    const asked = new Set<string>();
    for (const proxy of proxyNames) {
      const result = await searchJson([...space, '--queries', '16', '--seed', '1', '--proxy', proxy]);
      expect(result).toMatchObject({ method: 'optiproxy', proxy, queries: 16, stopped: 'budget' });
      for (const { round, predicted } of result.trace) expect(Number.isFinite(predicted)).toBe(round > 0);
      asked.add(result.trace.map(({ architecture }) => architecture).join());
    }
    expect(asked.size).toBe(proxyNames.length);
  }
});

test('the same seed and batch ask the same architectures, at any number of threads and in flight', async () => {
  const asked = async (...args: string[]): Promise<string[]> =>
    (await searchJson([...digits, '--queries', '30', ...args])).trace.map(({ architecture }) => architecture);
  const first = await asked('--seed', '7', '--threads', '1');
  expect(await asked('--seed', '7', '--threads', '1')).toEqual(first);
  expect(await asked('--seed', '7', '--threads', '3', '--batch', '1', '--concurrency', '4')).toEqual(first);
  const four = await asked('--seed', '7', '--batch', '4', '--concurrency', '1');
  expect(four).not.toEqual(first);
  expect(await asked('--seed', '7', '--concurrency', '4')).toEqual(four);
  expect(await asked('--seed', '8', '--threads', '1')).not.toEqual(first);
});

test('a summary for people on stdout, nothing but messages on stderr', async () => {
  const { status, stdout, stderr } = await cli(['search', ...digits, '--queries', '25', '--seed', '2']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^digits201: optiproxy \(default\), seed 2, 25 queries\n/);
  expect(stdout).toContain('──▶');
  expect(stdout).toMatch(/\|\w+~0\|\+\|\w+~0\|\w+~1\|\+\|\w+~0\|\w+~1\|\w+~2\|/);
  expect(stdout).toMatch(/val_acc +\d+\.\d+/);
  expect(stdout).toMatch(/test_acc +\d+\.\d+/);
  expect(stdout).toMatch(/rank by val_acc in the whole table: \d+ of 15625/);
  expect(stdout).toMatch(/random search with the same budget: 9\d\.\d+ % \(mean of 100 seeds\)/);
  expect(stdout).toMatch(/fit +█/);
  expect(stderr).not.toMatch(/──▶|"schema"/);
});

test('--out writes the object of --json to a file as well', async () => {
  const file = path.join(folder.path, 'deep', 'result.json');
  const { status, stdout, stderr } = await cli(['search', ...digits, '--method', 'random', '--queries', '12', '--out', file, '--json', '--quiet']); // prettier-ignore
  expect({ status, stderr }).toEqual({ status: 0, stderr: `optiproxy: wrote ${file}\n` });
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(stdout));
});

test('a config file, and flags that win over it', async () => {
  const file = folder.write(
    'search.yaml',
    'space: digits201\nmethod: random\nqueries: 9\nseed: 3\nreport: [params, flops]\n',
  );
  const result = await searchJson([file, '--seed', '4']);
  expect(result).toMatchObject({ method: 'random', queries: 9, seed: 4 });
  expect(Object.keys(result.best!.metrics)).toEqual(['val_acc', 'params', 'flops']);
  const quiet = folder.write('quiet.yaml', 'space: digits201\nmethod: random\nqueries: 9\njson: true\nquiet: true\n');
  const { stdout } = await cli(['search', quiet]);
  expect(JSON.parse(stdout)).toMatchObject({ queries: 9 });
});

test('minimising', async () => {
  const result = await searchJson([...digits, '--objective', 'flops:min', '--queries', '30', '--seed', '1']);
  const values = result.trace.map(({ metrics }) => metrics['flops']!);
  expect(result.best!.metrics['flops']).toBe(Math.min(...values));
  expect(result.trace.at(-1)!.best).toBe(Math.min(...values));
});

test('a table of one’s own', async () => {
  const rows = ['none', 'skip_connect', 'nor_conv_1x1', 'nor_conv_3x3', 'avg_pool_3x3'].map(
    (operation, i) => `|none~0|+|none~0|none~1|+|none~0|none~1|${operation}~2|,${90 + i}`,
  );
  const file = folder.write('own.csv', ['arch,acc', ...rows].join('\n'));
  const args = [
    'search',
    '--space',
    'nasbench201',
    '--oracle',
    `table:${file}`,
    '--objective',
    'acc',
    '--queries',
    '5',
    '--isomorphism',
    'encoding',
  ];
  const { status, stdout, stderr } = await cli([...args, '--json', '--quiet']);
  // Five of 15,625 rows: the first query fails, and what was found until then is still reported.
  expect(status).toBe(1);
  expect(stderr).toMatch(/^optiproxy: oracle failed on trial 1 \(\|.*own\.csv: expected a row for every architecture.*the table has 5 of the 15625 architectures of nasbench201; --pool table/); // prettier-ignore
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(JSON.parse(stdout)).toMatchObject({ stopped: 'failed', queries: 1, best: null });
});

describe('a module as oracle', () => {
  const args = (file: string): string[] => ['--space', 'nasbench201', '--oracle', `module:${file}`, '--objective', 'acc', '--queries', '6', '--max-failures', '1']; // prettier-ignore
  const body = 'async (architecture, { signal, seed, budget }) => ({ acc: architecture.length, seeded: seed >= 0 && budget === 1 && !signal.aborted ? 1 : 0 })'; // prettier-ignore

  test.each([
    ['esm.mjs', `export default ${body};`],
    ['common.cjs', `module.exports = ${body};`],
    ['compiled.cjs', `Object.defineProperty(exports, '__esModule', { value: true }); exports.default = ${body};`],
  ])('%s', async (name, source) => {
    folder.write(name, source);
    const result = await searchJson(args(name), { cwd: folder.path });
    expect(result.trace.every(({ metrics }) => metrics['seeded'] === 1)).toBe(true);
  });

  test.each<[string, string, number, RegExp]>([
    [
      'throws.mjs',
      'throw new Error("no\\nlicence");',
      2,
      /oracle module throws\.mjs: expected a module that loads, given "no\\nlicence"/,
    ],
    ['number.mjs', 'export default 7;', 2, /oracle module number\.mjs: expected a default export .*given "number"/],
    ['none.mjs', 'export const oracle = () => 1;', 2, /expected a default export .*given "undefined"/],
    [
      'rejects.mjs',
      'export default async () => { throw new Error("out of\\n memory"); };',
      1,
      /oracle failed on trial 1 \(\|.*\|\): out of memory \(hint: every result so far is kept/,
    ],
    [
      'text.mjs',
      'export default () => ({ acc: "91" });',
      1,
      /trial 1 \(\|.*\|\), metric acc: expected a finite number, given "91"/,
    ],
    [
      'other.mjs',
      'export default () => ({ loss: 1 });',
      1,
      /trial 1 .*: expected the objective acc among the metrics, given .*loss/,
    ],
  ])('%s is refused', async (name, source, expected, message) => {
    folder.write(name, source);
    const { status, stderr } = await cli(['search', ...args(name), '--quiet'], { cwd: folder.path });
    expect(status).toBe(expected);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

test('a budget larger than the space: one warning, the whole space, status 0', async () => {
  const { status, stdout, stderr } = await cli(['search', ...digits, '--method', 'random', '--queries', '20000', '--batch', '5000', '--json', '--quiet']); // prettier-ignore
  expect(status).toBe(0);
  expect(stderr).toBe('optiproxy: --queries: expected at most 15625 (the size of digits201), given 20000; the search ends when the space is exhausted\n'); // prettier-ignore
  const result = JSON.parse(stdout) as { queries: number; stopped: string; best: { metrics: { val_acc: number } } };
  expect(result).toMatchObject({ queries: 4930, stopped: 'exhausted' });
  expect(result.best.metrics.val_acc).toBeCloseTo(97.7083, 4);
});
