import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { openTask, populationOf, taskDigest, type Task } from '../../../src/compare/task.js';
import { errorOf } from '../../support/errors.js';
import { scratchFolder } from '../../support/files.js';

const scratch = scratchFolder();
const cells = ['none', 'skip_connect', 'nor_conv_1x1', 'nor_conv_3x3', 'avg_pool_3x3'].map((op) => `|nor_conv_3x3~0|+|${op}~0|none~1|+|none~0|${op}~1|nor_conv_1x1~2|`); // prettier-ignore
const table = scratch.write('t.csv', ['arch,acc,loss', ...cells.map((cell, i) => `${cell},${[3, 9, 1, 9, 5][i]},${i}`)].join('\n')); // prettier-ignore

const task = (changes: Partial<Task> = {}): Task => ({
  name: 'mine',
  space: 'nasbench201',
  table,
  options: {},
  objective: { metric: 'acc', goal: 'maximize' },
  queries: 3,
  report: [],
  metrics: [],
  constraints: [],
  ...changes,
});
const population = async (changes: Partial<Task> = {}): ReturnType<typeof populationOf> => populationOf(task(changes), await openTask(task(changes))); // prettier-ignore

test('best, median and ranks of what can be queried, in both directions', async () => {
  const all = await population();
  expect([all.size, all.best, all.median]).toEqual([5, 9, 5]);
  expect([9, 8, 5, 3, 1, 0].map((value) => all.rank(value))).toEqual([1, 3, 3, 4, 5, 6]);
  const small = await population({ objective: { metric: 'acc', goal: 'minimize' }, pool: 'table' });
  expect([small.size, small.best, small.median]).toEqual([5, 1, 5]);
  expect([1, 3, 9].map((value) => small.rank(value))).toEqual([1, 2, 4]);
});

test('a pool is all that counts; the table must have it', async () => {
  const file = scratch.write('pool.txt', `${cells[0]}\n${cells[2]}\n`);
  const { size, best, median } = await population({ pool: { file } });
  expect([size, best, median]).toEqual([2, 3, 2]);
  const more = scratch.write('more.txt', `${cells[3]!.replace(/nor_conv_3x3/, 'avg_pool_3x3')}\n`);
  const { message } = await errorOf('INVALID_TABLE', () => population({ pool: { file: more } }));
  expect(message).toMatch(/^pool of mine: expected architectures that .*t\.csv has, given/);
});

test('what breaks a constraint of the space cannot be queried, and does not count', async () => {
  const rows = ['100110100001001010101|c3-mp-c3-c3-c1,0.5', `${'0'.repeat(21)}|c3-mp-c3-c3-c1,0.9`];
  const file = scratch.write('nb101.csv', ['arch,acc', ...rows].join('\n'));
  const { size, best } = await population({ space: 'nasbench101', table: file });
  expect([size, best]).toEqual([1, 0.5]);
  const none = scratch.write('invalid.csv', ['arch,acc', rows[1]].join('\n'));
  await errorOf('INVALID_TABLE', () => population({ space: 'nasbench101', table: none }));
});

test('what breaks a constraint on a metric does not count', async () => {
  const metrics = [{ name: 'loss', kind: 'table' as const, file: table }];
  const within = (max: number): ReturnType<typeof population> => population({ metrics, constraints: [{ metric: 'loss', max }] }); // prettier-ignore
  const some = await within(2);
  expect([some.size, some.best, some.median, some.rank(3)]).toEqual([3, 9, 3, 2]);
  // Likewise where the task's own table has it, and only a query tells it.
  const told = await population({ constraints: [{ metric: 'loss', max: 2 }] });
  expect([told.size, told.best, told.median, told.worst]).toEqual([3, 9, 3, some.worst]);
  const { message } = await errorOf('INVALID_ARGUMENT', () => within(-1));
  expect(message).toBe('task mine: expected constraints that some architecture meets, given "loss<=-1"');
});

test('only what runs depend on names a task', async () => {
  const digest = async (changes: Partial<Task> = {}): Promise<string> => taskDigest(task(changes), await openTask(task(changes))); // prettier-ignore
  const base = await digest();
  const copy = path.join(scratch.path, 'copy.csv');
  copyFileSync(table, copy);
  expect(await digest({ table: copy })).toBe(base);
  expect(await digest({ name: 'x', target: 4, report: ['loss'], queries: 9 })).toBe(base);
  const others = await Promise.all([
    digest({ isomorphism: 'encoding' }),
    digest({ objective: { metric: 'acc', goal: 'minimize' } }),
    digest({ objective: { metric: 'loss', goal: 'maximize' } }),
    digest({ pool: 'table' }),
    digest({ pool: { file: table } }),
    digest({ options: { missing: 'skip' } }),
    digest({ space: 'digits201' }),
    digest({ table: scratch.write('other.csv', `arch,acc\n${cells[0]},3\n`) }),
    digest({
      metrics: [{ name: 'loss', kind: 'table' as const, file: table }],
      constraints: [{ metric: 'loss', max: 2 }],
    }),
    digest({
      metrics: [{ name: 'loss', kind: 'table' as const, file: table }],
      constraints: [{ metric: 'loss', max: 3 }],
    }),
  ]);
  expect(new Set([base, ...others]).size).toBe(11);
});
