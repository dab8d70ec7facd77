import path from 'node:path';
import { readFileSync } from 'node:fs';
import { planOf } from '../../../src/cli/plan.js';
import { readCompareSettings, type CompareSettings } from '../../../src/cli/settings.js';
import { methodNames } from '../../../src/search/methods.js';
import { errorOf } from '../../support/errors.js';
import { scratchFolder } from '../../support/files.js';

const scratch = scratchFolder();
const table = scratch.write('t.csv', 'arch,acc\n');
const one: CompareSettings = { space: 'nasbench201', oracle: `table:${table}`, objective: ['acc'], queries: 10 };

test('what is left out: every method, seeds 1 to 20, the table of Digits-201 with its test metric', () => {
  const { entries, seeds, tasks } = planOf({}, { space: 'digits201', queries: 5 });
  expect(entries.map(({ label }) => label)).toEqual([...methodNames]);
  expect(seeds).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  expect(tasks).toMatchObject([{ name: 'digits201 val_acc', table: undefined, report: ['test_acc'], queries: 5 }]);
});

test('flags win over the file', () => {
  const { entries, seeds, tasks } = planOf({ ...one, methods: ['random'], seeds: 3 }, { methods: ['random, optiproxy@paper'], 'first-seed': 7, objective: ['loss:min'], queries: 20 }); // prettier-ignore
  expect(entries).toEqual([{ label: 'random', method: 'random', preset: undefined }, { label: 'optiproxy@paper', method: 'optiproxy', preset: 'paper' }]); // prettier-ignore
  expect(seeds).toEqual([7, 8, 9]);
  expect(tasks).toMatchObject([{ objective: { metric: 'loss', goal: 'minimize' }, queries: 20 }]);
});

test('tasks: tables in their folder, absent ones skipped, budgets from flag, task, file in this order', () => {
  const file: CompareSettings = {
    queries: 30,
    tasks: [
      { space: 'nasbench201', oracle: 'table:t.csv', objective: ['acc'], key: 'arch', pool: 'table' },
      { name: 'own', space: 'nasbench201', oracle: 'table:t.csv', objective: ['acc'], queries: 40, pool: 't.csv' },
      { name: 'absent', space: 'nasbench201', oracle: 'table:no.csv', objective: ['acc'] },
      { name: 'no pool', space: 'nasbench201', oracle: 'table:t.csv', objective: ['acc'], pool: 'no.txt' },
    ],
  };
  const { tasks, skipped } = planOf(file, { tables: scratch.path });
  expect(tasks).toMatchObject([
    { name: 'nasbench201 acc', table, queries: 30, pool: 'table', options: { key: ['arch'] } },
    { name: 'own', table, queries: 40, pool: { file: table } },
  ]);
  expect(skipped).toEqual([
    { name: 'absent', file: path.join(scratch.path, 'no.csv') },
    { name: 'no pool', file: path.join(scratch.path, 'no.txt') },
  ]);
  expect(planOf(file, { tables: scratch.path, queries: 9 }).tasks.map(({ queries }) => queries)).toEqual([9, 9]);
});

describe('refuses', () => {
  const task = { name: 'x', space: 'nasbench201', oracle: 'table:t.csv', objective: ['acc'] };
  test.each<[string, CompareSettings, 'INVALID_ARGUMENT' | 'UNKNOWN_NAME', RegExp]>([
    ['a method that is none', { ...one, methods: ['random', 'hyperband'] }, 'UNKNOWN_NAME', /^--methods: expected one of optiproxy, .*given "hyperband"/], // prettier-ignore
    ['a preset that is none', { ...one, methods: ['optiproxy@fast'] }, 'UNKNOWN_NAME', /preset behind @: expected one of .*given "fast"/], // prettier-ignore
    ['two presets', { ...one, methods: ['optiproxy@paper@default'] }, 'INVALID_ARGUMENT', /NAME or NAME@PRESET/],
    ['an empty preset', { ...one, methods: ['optiproxy@'] }, 'UNKNOWN_NAME', /given ""/],
    ['a method twice', { ...one, methods: ['random,random'] }, 'INVALID_ARGUMENT', /each method once/],
    ['too many seeds', { ...one, seeds: 1001 }, 'INVALID_ARGUMENT', /--seeds: expected at most 1000/],
    ['a module', { ...one, oracle: 'module:x.mjs' }, 'INVALID_ARGUMENT', /--oracle: expected table:FILE, given "module:x\.mjs"/], // prettier-ignore
    ['no budget', { ...one, queries: undefined }, 'INVALID_ARGUMENT', /--queries: expected a value/],
    ['no space', { queries: 5 }, 'INVALID_ARGUMENT', /--space: expected a value/],
    ['a folder of tables without tasks', { ...one, tables: '.' }, 'INVALID_ARGUMENT', /--tables: expected tasks/],
    ['a space beside tasks', { space: 'digits201', queries: 5, tasks: [task] }, 'INVALID_ARGUMENT', /--space: expected it in the tasks/], // prettier-ignore
    ['two tasks of one name', { queries: 5, tasks: [task, task] }, 'INVALID_ARGUMENT', /tasks: expected names that differ, given "x twice"/], // prettier-ignore
    ['a metric that nothing is asked of', { space: 'digits201', metric: ['ms=table:t.csv'], queries: 5 }, 'INVALID_ARGUMENT', /^--metric: expected a --constraint on it, given "ms"/], // prettier-ignore
    ['several objectives', { space: 'digits201', objective: ['val_acc', 'flops:min'], queries: 5 }, 'INVALID_ARGUMENT', /^--objective: expected a single one/], // prettier-ignore
    ['a task that is wrong, by name', { queries: 5, tasks: [{ ...task, missing: 'ignore' }] }, 'UNKNOWN_NAME', /^task x: --missing: expected one of/], // prettier-ignore
    ['a task without a name that is wrong, by place', { queries: 5, tasks: [{ space: 'digits201', repeated: 'mean' }] }, 'INVALID_ARGUMENT', /^task tasks\[0\]: --repeated/], // prettier-ignore
  ])('%s', async (_name, settings, code, message) => {
    expect((await errorOf(code, () => planOf({}, settings))).message).toMatch(message);
  });

  test('an unknown key of a task, naming file and line', async () => {
    const file = scratch.write('suite.yaml', 'queries: 5\ntasks:\n  - space: digits201\n    metrik: acc\n');
    const { message } = await errorOf('INVALID_ARGUMENT', () => readCompareSettings(file));
    expect(message).toMatch(
      /suite\.yaml line 4, tasks\.0\.metrik: expected one of name, space, .*given "an unknown key"/,
    );
  });
});

test("the paper's suite can be read and names each task once", () => {
  const file = path.join(__dirname, '..', '..', '..', 'bench', 'suites', 'paper.yaml');
  const { tasks, skipped, seeds, entries } = planOf(readCompareSettings(file), { tables: scratch.path });
  expect(tasks.length + skipped.length).toBe(15);
  expect([seeds.length, entries.length]).toEqual([50, 3]);
  expect(readFileSync(file, 'utf8')).toMatch(/compare:paper/);
});
