import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Comparison } from '../../src/compare/comparison.js';
import { cli, errorLine, type Finished } from '../support/cli.js';
import { withoutTimes } from '../support/compared.js';
import { scratchFolder } from '../support/files.js';

const scratch = scratchFolder();
const digits = ['compare', '--space', 'digits201', '--methods', 'optiproxy,random', '--seeds', '6', '--queries', '13'];

/** The object of a comparison that must succeed, less what differs between two commands for the same runs. */
async function compareJson(args: readonly string[]): Promise<Comparison> {
  const { status, stdout } = await cli([...args, '--json']);
  expect(status).toBe(0);
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  return JSON.parse(stdout) as Comparison;
}
const figures = (comparison: Comparison): unknown => withoutTimes({ ...comparison, command: '', machine: null });

/** Runs until there are `lines` finished runs in the folder, then sends a signal. */
async function interrupted(folder: string, lines: number, signal: NodeJS.Signals): Promise<Finished> {
  const file = path.join(folder, 'runs.ndjson');
  const during = (child: ChildProcess): void => {
    const timer = setInterval(() => {
      if (!existsSync(file) || readFileSync(file, 'utf8').split('\n').length <= lines) return;
      clearInterval(timer);
      child.kill(signal);
    }, 5);
    child.once('exit', () => clearInterval(timer));
  };
  return cli([...digits, '--out', folder, '--quiet'], { during });
}

let whole: Comparison;
beforeAll(async () => {
  whole = await compareJson([...digits, '--workers', '1']);
});

test('one JSON object with every figure, and as many runs as were asked', () => {
  expect(whole).toMatchObject({
    schema: 1,
    command: `optiproxy ${digits.join(' ')} --workers 1 --json`,
    methods: ['optiproxy', 'random'],
    seeds: { first: 1, count: 6 },
    skipped: [],
    failures: [],
  });
  const [task] = whole.tasks;
  expect(task).toMatchObject({ name: 'digits201 val_acc', population: { size: 15625 }, target: task!.population.best });
  for (const { runs, report } of task!.methods) {
    expect(runs.map(({ seed, curve }) => [seed, curve.length])).toEqual([1, 2, 3, 4, 5, 6].map((seed) => [seed, 13]));
    expect(Object.keys(report)).toEqual(['test_acc']);
  }
  expect(whole.tests.map(({ method, quantity, seeds }) => [method, quantity, seeds])).toEqual([['random', 'best', 6], ['random', 'area', 6], ['random', 'queries', 6]]); // prettier-ignore
});

test.each([1, 5])('killed after %i runs and started again: the same figures, and no run done twice', async (lines) => {
  const folder = path.join(scratch.path, `killed-${lines}`);
  const { signal } = await interrupted(folder, lines, 'SIGKILL');
  expect(signal).toBe('SIGKILL');
  expect(readdirSync(folder)).toEqual(['runs.ndjson']);
  expect(figures(await compareJson([...digits, '--out', folder, '--workers', '2']))).toEqual(figures(whole));
  const runs = readFileSync(path.join(folder, 'runs.ndjson'), 'utf8').trimEnd().split('\n');
  expect(runs).toHaveLength(12);
  expect(readdirSync(folder).sort()).toEqual(['compare.json', 'compare.md', 'ranks.svg', 'runs.ndjson', 'task-1-digits201-val_acc.svg']); // prettier-ignore
});

test('interrupted: status 130, and how to go on', async () => {
  const folder = path.join(scratch.path, 'interrupted');
  const { status, stdout, stderr } = await interrupted(folder, 2, 'SIGINT');
  expect(status).toBe(130);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^optiproxy: interrupted after \d+ of 12 runs, which are in .*runs\.ndjson: the same command goes on from there\n$/); // prettier-ignore
  const { status: done, stdout: report, stderr: said } = await cli([...digits, '--out', folder, '--quiet']);
  expect(done).toBe(0);
  expect(said).toMatch(/^optiproxy: \d+ of 12 runs are in .*runs\.ndjson already\noptiproxy: wrote .*compare\.md/);
  expect(report).toMatch(/^# optiproxy, random\n/);
});

const wrong = scratch.write(
  'wrong.csv',
  'arch,acc\n|nor_conv_3x3~0|+|nor_conv_3x3~0|none~1|+|none~0|none~1|none~2|,5\n',
);

test('a suite: tables in their folder, absent ones skipped aloud, runs that fail told with status 1', async () => {
  const suite = scratch.write(
    'suite.yaml',
    `methods: random
seeds: 2
queries: 3
tasks:
  - { name: ours, space: digits201 }
  - { name: absent, space: nasbench201, oracle: 'table:absent.csv', objective: acc }
  - { name: partial, space: nasbench201, oracle: 'table:wrong.csv', objective: acc }
`,
  );
  const { status, stdout, stderr } = await cli(['compare', suite, '--tables', scratch.path, '--json', '--quiet']);
  expect(status).toBe(1);
  const [skipped, failed] = stderr.split('\n');
  expect(skipped).toBe(`optiproxy: absent skipped: no table ${path.join(scratch.path, 'absent.csv')}`);
  expect(failed).toMatch(/^optiproxy: 2 runs failed, the first being random on partial with seed 1: .*--pool table/);
  const { tasks, skipped: left, failures } = JSON.parse(stdout) as Comparison;
  expect(tasks.map(({ name, methods }) => [name, methods.length])).toEqual([['ours', 1], ['partial', 0]]); // prettier-ignore
  expect([left.length, failures.length]).toEqual([1, 2]);
});

describe('wrong use: status 2 and one line, before anything runs', () => {
  test.each<[string, string[], RegExp]>([
    [
      'an unknown method',
      ['--methods', 'random,hyperband'],
      /^--methods: expected one of optiproxy, .*given "hyperband"$/,
    ],
    ['no seed', ['--seeds', '0'], /^--seeds: expected a whole number from 1 to 1000, given "0"$/],
    ['no worker', ['--workers', '0'], /^--workers: expected a whole number from 1 to 256/],
    ['a target that is no number', ['--target', 'best'], /^--target: expected a number, given "best"$/],
    ['a flag of search alone', ['--seed', '3'], /^unknown option '--seed'/],
    [
      'an oracle that is no table',
      ['--oracle', 'module:x.mjs', '--objective', 'acc'],
      /^--oracle: expected table:FILE/,
    ],
    ['a metric that is none', ['--objective', 'accuracy'], /^task digits201 accuracy: metric of .*given "accuracy"/],
    ['another metric that is none', ['--report', 'latency'], /^task digits201 val_acc: metric of .*given "latency"/],
    ['more queries than there are', ['--queries', '16000'], /--queries: expected at most 15625/],
    ['a pool with what the table lacks', ['--oracle', `table:${wrong}`, '--objective', 'acc', '--pool', scratch.write('pool.txt', '|none~0|+|none~0|none~1|+|nor_conv_1x1~0|none~1|none~2|\n'), '--queries', '1'], /^task digits201 acc: pool of .*: expected architectures that .*wrong\.csv has/], // prettier-ignore
    ['a folder that is a file', ['--out', wrong], /^--out: expected a file that can be written/],
  ])('%s', async (_name, flags, message) => {
    expect(errorLine(await cli([...digits, '--seeds', '1', ...flags]), { status: 2 })).toMatch(message);
  });

  test('a suite without any table', async () => {
    const suite = scratch.write('none.yaml', "queries: 3\ntasks:\n  - { space: nasbench201, oracle: 'table:no.csv', objective: acc }\n"); // prettier-ignore
    const { status, stderr } = await cli(['compare', suite]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/skipped: no table no\.csv\noptiproxy: --tables: expected a folder with a table/);
  });
});
