import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { digits201Oracle } from '../../src/oracle/embedded.js';
import type { SearchResult } from '../../src/report/result.js';
import { spaces } from '../../src/space/index.js';
import { cli, errorLine, root, searchJson } from '../support/cli.js';
import { scratchFolder } from '../support/files.js';

const folder = scratchFolder();
const digits = spaces.digits201();
const file = path.join(root, 'data', 'digits201.csv.gz');
const small = ['--space', 'digits201', '--metric', `params=table:${file}`, '--constraint'];
const nothing = [...small, 'params<=1', '--queries', '5'];

test('the winner meets the constraint, and the result says what that was', async () => {
  const result = await searchJson([...small, 'params<=4000', '--queries', '30', '--seed', '1']);
  const table = await digits201Oracle({ metrics: ['params'] });
  expect(result.constraints).toEqual([{ metric: 'params', max: 4000 }]);
  for (const { architecture, metrics } of result.trace) {
    expect(metrics['params']).toBe(table.value(architecture, 'params'));
    expect(metrics['params']).toBeLessThanOrEqual(4000);
  }
  const { stdout } = await cli(['search', ...small, 'params<=4000', '--queries', '30', '--seed', '1', '--quiet']);
  expect(stdout).toContain('\nConstraints: params<=4000\n');
  expect(stdout).toContain(result.best!.architecture);
});

test('where nothing is feasible the status is 3, and the result is there', async () => {
  const { status, stdout, stderr } = await cli(['search', ...nothing, '--quiet', '--json']);
  expect({ status, stderr }).toEqual({
    status: 3,
    stderr:
      'optiproxy: nothing that meets params<=1 was found: no architecture that can be queried meets the constraints\n',
  });
  expect(JSON.parse(stdout) as SearchResult).toMatchObject({
    stopped: 'infeasible',
    queries: 0,
    best: null,
    trace: [],
  });
  const people = await cli(['search', ...nothing, '--quiet']);
  expect([people.status, people.stdout]).toEqual([3, expect.stringMatching(/nothing feasible found after 0 queries[^]*No feasible architecture was found\./)]); // prettier-ignore
});

test('of a table of a few rows only those are asked', async () => {
  const table = await digits201Oracle({ metrics: ['params'] });
  const genes = table.architectures();
  const rows = Array.from({ length: 40 }, (_, i) => digits.format(genes.slice(6 * (100 + i), 6 * (101 + i))));
  const latency = folder.write('latency.csv', ['arch,ms', ...rows.map((arch, i) => `${arch},${i % 2 === 0 ? i / 10 : ''}`)].join('\n')); // prettier-ignore
  const result = await searchJson(['--space', 'digits201', '--isomorphism', 'encoding', '--metric', `ms=table:${latency}`, '--constraint', 'ms<=2', '--constraint', 'ms>=0', '--queries', '20']); // prettier-ignore
  expect(result.stopped).toBe('exhausted');
  expect(result.trace.map(({ architecture }) => architecture).sort()).toEqual(rows.filter((_, i) => i % 2 === 0 && i <= 20).sort()); // prettier-ignore
});

test('a table of a metric is read by --key and --repeated, whatever the oracle is', async () => {
  const oracle = folder.write('oracle.mjs', 'export default (architecture) => ({ acc: architecture.length });');
  const cells = ['none', 'skip_connect', 'avg_pool_3x3'].map(
    (op) => `|${op}~0|+|${op}~0|none~1|+|none~0|${op}~1|nor_conv_1x1~2|`,
  );
  const lines = cells.flatMap((cell, i) => [`${cell},${i}`, `${cell},${i + 1}`]);
  const latency = folder.write('repeated.csv', ['cell,ms', ...lines].join('\n'));
  const args = ['--space', 'digits201', '--isomorphism', 'encoding', '--oracle', `module:${oracle}`, '--objective', 'acc', '--metric', `ms=table:${latency}`, '--key', 'cell', '--repeated', 'mean', '--constraint', 'ms>=1', '--queries', '9']; // prettier-ignore
  const { stopped, trace } = await searchJson(args);
  expect(stopped).toBe('exhausted');
  expect(trace.map(({ architecture, metrics }) => [architecture, metrics['ms']]).sort()).toEqual([[cells[1], 1.5], [cells[2], 2.5]].sort()); // prettier-ignore
});

test('a limit that only the query tells: what breaks it is told apart, and never the best', async () => {
  const result = await searchJson(['--space', 'digits201', '--constraint', 'params<=9000', '--queries', '40', '--seed', '2']); // prettier-ignore
  expect(result.constraints).toEqual([{ metric: 'params', max: 9000 }]);
  const over = result.trace.filter(({ metrics }) => metrics['params']! > 9000);
  expect(over.length).toBeGreaterThan(0);
  expect(result.trace.filter(({ broken }) => broken !== undefined)).toEqual(over);
  const within = result.trace.filter(({ metrics }) => metrics['params']! <= 9000);
  expect(result.best!.metrics['val_acc']).toBe(Math.max(...within.map(({ metrics }) => metrics['val_acc']!)));
});

test.each([
  ['a metric twice', [...small, 'params<=5', '--metric', `params=table:${file}`], /--metric: expected each metric once, given "params twice"/], // prettier-ignore
  ['a constraint on what no table has', ['--space', 'digits201', '--constraint', 'ms<=5'], /digits201\.csv\.gz: expected a column of numbers, given "ms" \(hint: the columns are arch, val_acc/], // prettier-ignore
  ['a constraint that is none', [...small, 'params<5'], /--constraint: expected METRIC<=NUMBER or METRIC>=NUMBER/],
  ['a metric from nowhere', ['--space', 'digits201', '--metric', 'ms'], /--metric: expected NAME=table:FILE/],
  [
    'a column that is not there',
    ['--space', 'digits201', '--metric', `ms=table:${file}`],
    /digits201\.csv\.gz: expected a column of numbers, given "ms"/,
  ],
  ['the objective', ['--space', 'digits201', '--metric', `val_acc=table:${file}`], /^--metric: expected an objective that is not among them, given "val_acc"/], // prettier-ignore
  ['a file that is not there', ['--space', 'digits201', '--metric', 'ms=table:absent.csv'], /absent\.csv/],
])('refuses %s', async (_name, args, message) => {
  expect(errorLine(await cli(['search', ...args, '--queries', '5']), { status: 2 })).toMatch(message);
});

test('several objectives end in a front, best by the first objective first', async () => {
  const args = ['--space', 'digits201', '--objective', 'val_acc', '--objective', 'flops:min', '--queries', '30', '--seed', '1']; // prettier-ignore
  const { front, objectives, best } = await searchJson(args);
  expect(objectives).toEqual([{ metric: 'val_acc', goal: 'maximize' }, { metric: 'flops', goal: 'minimize' }]); // prettier-ignore
  const sorted = [...front!].sort((a, b) => b.metrics['val_acc']! - a.metrics['val_acc']!);
  expect(sorted.length).toBeGreaterThan(2);
  sorted.slice(1).forEach(({ metrics }, i) => expect(metrics['flops']).toBeLessThan(sorted[i]!.metrics['flops']!));
  expect(best).toEqual(sorted[0]);
  const { stdout } = await cli(['search', ...args, '--quiet']);
  const table = /Pareto front of (\d+):\n\n +val_acc \(%\) +flops {2}architecture\n([^]*?)\n\n/.exec(stdout)!;
  expect(Number(table[1])).toBe(sorted.length);
  expect(table[2]!.split('\n').map((line) => line.trim().split(/ +/)[2])).toEqual(sorted.map(({ architecture }) => architecture)); // prettier-ignore
  expect(stdout).toContain(`\nBest by val_acc, found at query ${best!.query}:\n`);
  const { stderr } = await cli(['compare', ...args.slice(0, 8), '--seeds', '2']);
  expect(stderr).toBe('optiproxy: --objective: expected a single one, given "val_acc, flops:min"\n');
});

test('what docs/hardware.md says runs', async () => {
  const text = readFileSync(path.join(root, 'docs', 'hardware.md'), 'utf8');
  const cwd = path.join(folder.path, 'documented');
  mkdirSync(cwd);
  const commands = [...text.matchAll(/```sh\n([^]*?)```/g)].flatMap(([, block]) => block!.trim().split('\n'));
  expect(commands).toHaveLength(8);
  for (const command of commands) {
    const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
    expect(words.splice(0, 2)).toEqual(['npx', 'optiproxy']);
    const placed = words.map((word) => word.replace('data/', `${root}/data/`));
    const { status, stderr } = await cli([...placed, '--quiet'], { cwd });
    expect({ status, said: stderr.replace(/^optiproxy: wrote .*\n/, '') }).toEqual({ status: 0, said: '' });
  }
  const program = folder.write('sample.mjs', /```js\n([^]*?)```/.exec(text)![1]!.replace("'optiproxy'", JSON.stringify(path.join(root, 'dist', 'index.mjs')))); // prettier-ignore
  const { stdout } = await cli([], { script: program });
  expect(stdout).toMatch(/^\|.*\| \{.*params: \d+, poolings: [12],? .*\}/s);
}, 120_000);
