import type { SearchMethod } from '../../../src/baselines/method.js';
import { guardedOracle } from '../../../src/compare/guard.js';
import { runOnce, type Job } from '../../../src/compare/run.js';
import { openTask } from '../../../src/compare/task.js';
import { digits201Oracle } from '../../../src/oracle/embedded.js';
import * as methods from '../../../src/search/methods.js';
import { spaces } from '../../../src/space/index.js';
import { Study } from '../../../src/study/study.js';
import { digitsTask, entry } from '../../support/compared.js';
import { contextOf } from '../../support/context.js';
import { errorOf } from '../../support/errors.js';

jest.mock('../../../src/search/methods.js', () => {
  const actual = jest.requireActual<typeof methods>('../../../src/search/methods.js');
  return { ...actual, createMethod: jest.fn(actual.createMethod) };
});

const digits = spaces.digits201();
const context = contextOf();
const cells = ['none', 'skip_connect', 'nor_conv_1x1', 'nor_conv_3x3', 'avg_pool_3x3'].map((op) => `|${op}~0|+|${op}~0|${op}~1|+|${op}~0|${op}~1|${op}~2|`); // prettier-ignore

describe('the guard', () => {
  test('tells the objective alone, though the table has more', async () => {
    const table = await digits201Oracle();
    expect(Object.keys(await table(cells[2]!)).length).toBeGreaterThan(5);
    const oracle = guardedOracle(digits, table, ['val_acc'], 10);
    expect(await oracle(cells[2]!, context)).toEqual({ val_acc: table.value(cells[2]!, 'val_acc') });
  });

  test('tells what is constrained too, where it has that', async () => {
    const table = await digits201Oracle();
    const oracle = guardedOracle(digits, table, ['val_acc', 'params'], 10);
    expect(Object.keys(await oracle(cells[2]!, context))).toEqual(['val_acc', 'params']);
    const lacking = guardedOracle(digits, { value: (_, metric) => (metric === 'acc' ? 1 : undefined), file: 't' }, ['acc', 'ms'], 9); // prettier-ignore
    await errorOf('ORACLE_FAILED', () => lacking(cells[2]!, context));
  });

  test('refuses what goes beyond the budget', async () => {
    const oracle = guardedOracle(digits, { value: () => 1, file: 't' }, ['acc'], 2);
    await oracle(cells[0]!, context);
    await oracle(cells[3]!, context);
    const { message } = await errorOf('ORACLE_FAILED', () => oracle(cells[4]!, context));
    expect(message).toMatch(/expected at most 2 queries/);
  });

  test('refuses the same architecture in another writing', async () => {
    // Without a way from node 0, whatever follows is nothing.
    const [one, same] = ['|none~0|+|none~0|none~1|+|none~0|none~1|none~2|', '|none~0|+|none~0|none~1|+|none~0|nor_conv_3x3~1|none~2|']; // prettier-ignore
    const oracle = guardedOracle(digits, { value: () => 1, file: 't' }, ['acc'], 10);
    await oracle(one, context);
    const { message } = await errorOf('ORACLE_FAILED', () => oracle(same, context));
    expect(message).toMatch(/expected each architecture once, given .*again/);
  });

  test('has no answer for what the table lacks', async () => {
    const oracle = guardedOracle(digits, { value: () => undefined, file: 'small.csv' }, ['acc'], 10);
    await errorOf('ORACLE_FAILED', () => oracle(cells[1]!, context));
  });
});

/** Every number that can be reached from a value, through objects, arrays and maps, but not by calling anything. */
function numbersIn(value: unknown, seen = new Set<object>()): Set<number> {
  const found = new Set<number>();
  const visit = (v: unknown): void => {
    if (typeof v === 'number') found.add(v);
    if (v === null || (typeof v !== 'object' && typeof v !== 'function') || seen.has(v)) return;
    seen.add(v);
    if (ArrayBuffer.isView(v)) return (v as Float64Array).forEach((n) => found.add(n));
    if (v instanceof Map) for (const pair of v) pair.forEach(visit);
    if (v instanceof Set) for (const item of v) visit(item);
    for (const key of Reflect.ownKeys(v)) visit((v as Record<PropertyKey, unknown>)[key]);
  };
  visit(value);
  return found;
}

test('a method that keeps all it is given learns the values of its queries, and nothing else of the table', async () => {
  const opened = await openTask(digitsTask());
  const values = opened.table.values('val_acc');
  const best = opened.table.best('val_acc', 'maximize');
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
  // The table says who touches it, and how.
  const touched: string[] = [];
  const table = new Proxy(opened.table, {
    apply: () => Promise.reject(new Error('the table itself is no oracle of a run')),
    get(target, name, receiver) {
      touched.push(String(name));
      return Reflect.get(target, name, receiver) as unknown;
    },
  });
  // The method keeps everything that it is ever handed.
  const handed: unknown[] = [];
  const study = jest.spyOn(Study, 'open');
  const actual = jest.requireActual<typeof methods>('../../../src/search/methods.js');
  jest.mocked(methods.createMethod).mockImplementation((name, space, options) => {
    handed.push(name, space, options);
    const named = actual.createMethod(name, space, options);
    const propose: SearchMethod['propose'] = async (count, history, rest) => {
      const ids = [...history.inOrder()];
      handed.push(count, history, rest, ids.map((id) => history.value(id))); // prettier-ignore
      return named.method.propose(count, history, rest);
    };
    return { ...named, batch: 1, method: Object.assign(Object.create(named.method) as SearchMethod, { propose }) };
  });
  const job: Job = { task: digitsTask(), digest: 'd', entry: entry('random'), seed: 3, queries: 40 };
  const run = await runOnce({ ...opened, table }, job);
  expect(run.values).toHaveLength(40);
  // The only way to the table was the value of one architecture at a time.
  expect(new Set(touched)).toEqual(new Set(['value']));
  expect(touched).toHaveLength(40);
  // The study was opened with nothing but this, and no trial holds another metric.
  const [options] = study.mock.calls[0]!;
  expect(Object.keys(options).sort()).toEqual(['device', 'method', 'objectives', 'seed', 'space', 'threads']);
  // Of all numbers within reach of the method, those of the table are those of its queries.
  const known = numbersIn(handed);
  const queried = new Set(run.values);
  for (const value of run.values.slice(0, -1)) expect(known).toContain(value);
  for (const secret of [best, mean, deviation]) if (!queried.has(secret)) expect(known).not.toContain(secret);
  const leaked = [...new Set(values)].filter((value) => !Number.isInteger(value) && known.has(value) && !queried.has(value)); // prettier-ignore
  expect(leaked).toEqual([]);
  // The check can fail: a statistic anywhere within reach is found.
  expect(numbersIn([{ deep: new Map([['x', { labels: { mean } }]]) }])).toContain(mean);
});

test('a run of a method that breaks the rule fails', async () => {
  const opened = await openTask(digitsTask());
  const actual = jest.requireActual<typeof methods>('../../../src/search/methods.js');
  jest.mocked(methods.createMethod).mockImplementation((name, space, options) => {
    const named = actual.createMethod(name, space, options);
    const genes = digits.parse(cells[2]!);
    const propose = async (): Promise<{ genes: Uint8Array; round: number }[]> => [{ genes, round: 0 }];
    return { ...named, method: Object.assign(Object.create(named.method) as SearchMethod, { propose }) };
  });
  const job: Job = { task: digitsTask(), digest: 'd', entry: entry('random'), seed: 3, queries: 40 };
  const { message } = await errorOf('ORACLE_FAILED', () => runOnce(opened, job));
  expect(message).toMatch(/each architecture once/);
});
