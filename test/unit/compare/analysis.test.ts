import { analyseTask, type MethodRuns, type TaskFacts } from '../../../src/compare/analysis.js';
import { averageRank, countVerdicts, pairedTests, type ComparedTask } from '../../../src/compare/tests.js';
import { record } from '../../support/compared.js';

const facts: TaskFacts = {
  name: 'task',
  space: 'digits201',
  isomorphism: 'computation',
  table: 't.csv',
  pool: null,
  objective: { metric: 'acc', goal: 'maximize' },
  queries: 3,
  population: { size: 100, best: 10, median: 0, worst: -5 },
  target: 9,
  digest: 'd',
};

/** One run for each list of values, seeds 1, 2, 3...; null where a seed has none. */
function runs(
  method: string,
  all: readonly (number[] | null)[],
  goal: 'maximize' | 'minimize' = 'maximize',
): MethodRuns {
  return {
    method,
    runs: all.flatMap((values, i) => {
      if (values === null) return [];
      const best = goal === 'maximize' ? Math.max(...values) : Math.min(...values);
      const at = values.indexOf(best) + 1;
      return [{ record: record({ method, seed: i + 1, values, best: { architecture: `a${at}`, query: at } }), report: { test: best - 1 } }]; // prettier-ignore
    }),
  };
}

const analyse = (methods: readonly MethodRuns[], changes: Partial<TaskFacts> = {}): ComparedTask => {
  const task = { ...facts, ...changes };
  return { ...task, methods: analyseTask(task, (value) => 11 - value, methods) };
};

test('figures of a method, by hand', () => {
  const [method] = analyse([runs('a', [[5, 10, 2], [1, 2, 9], [4, 4, 4], [-5, 9, 10]])]).methods; // prettier-ignore
  expect(method).toMatchObject({
    method: 'a',
    best: { mean: 8.25 },
    regret: { mean: 1.75 },
    success: { reached: 3, runs: 4, share: 0.75 },
    // 2, 3, never, 2: the median between 2 and 3, and at 90 % a run that never does.
    queriesToTarget: { median: 2.5, p90: null },
    tableRank: 11 - 8.25,
    report: { test: { mean: 7.25 } },
    wallMs: 3,
    overheadMs: 3,
  });
  expect(method!.runs.map(({ area }) => area.toFixed(6))).toEqual(['0.833333', '0.400000', '0.400000', '0.633333']);
  expect(method!.area.mean).toBeCloseTo((25 + 12 + 12 + 19) / 120, 12);
  expect(method!.curve.mean).toEqual([1.25, 6.25, 8.25]);
  expect(method!.runs.map(({ reached }) => reached)).toEqual([2, 3, null, 2]);
  for (const { mean, low, high } of [method!.best, method!.regret, method!.area]) {
    expect(low).toBeLessThan(mean);
    expect(high).toBeGreaterThan(mean);
  }
});

test('ranks by the best value, then by who found it first; what is still equal shares', () => {
  const task = analyse([
    runs('a', [[1, 2, 9], [1, 1, 1], [0, 7, 7], null]),
    runs('b', [[9, 2, 2], [3, 1, 1], [0, 7, 7], [5, 5, 5]]),
    runs('c', [[1, 2, 8], [2, 1, 1], [0, 0, 7], [5, 5, 5]]),
  ]); // prettier-ignore
  const ranks = task.methods.map(({ runs: own }) => own.map(({ rank }) => rank));
  expect(ranks).toEqual([[2, 3, 1.5], [1, 1, 1.5, null], [3, 2, 3, null]]); // prettier-ignore
  expect(task.methods.map(({ rank }) => rank)).toEqual([6.5 / 3, 3.5 / 3, 8 / 3]);
  expect(averageRank([task, { ...task, methods: [{ ...task.methods[0]!, rank: 1 }] }], 'a')).toBe((6.5 / 3 + 1) / 2);
  expect(averageRank([task], 'nobody')).toBeNull();
});

test('a metric to minimise: regret, ranks and verdicts turn round', () => {
  const good = Array.from({ length: 12 }, (_, i) => [5 + i / 100, 1 + i / 100, 1 + i / 100]);
  const bad = good.map((values) => values.map((value) => value + 2));
  const changes = { objective: { metric: 'loss', goal: 'minimize' as const }, population: { size: 9, best: 1, median: 5, worst: 9 }, target: 1 }; // prettier-ignore
  const task = analyse([runs('bad', bad, 'minimize'), runs('good', good, 'minimize')], changes);
  expect(task.methods.map(({ rank }) => rank)).toEqual([2, 1]);
  expect(task.methods[0]!.regret.mean).toBeCloseTo(2.055, 10);
  expect(task.methods[1]!.success.reached).toBe(1);
  const tests = pairedTests([task], ['bad', 'good']);
  expect(tests.map(({ quantity, verdict, difference: { mean } }) => [quantity, verdict, Math.sign(mean)])).toEqual([
    ['best', 'better', -1],
    ['area', 'better', 1],
    ['queries', 'same', -1],
  ]);
});

test('tests pair the seeds that both have, against the first, corrected over all of the report', () => {
  const many = (value: (seed: number) => number): number[][] => Array.from({ length: 10 }, (_, i) => [0, 0, value(i + 1)]); // prettier-ignore
  const ours = many((seed) => 5 + seed / 10);
  const methods = [
    runs('reference', ours),
    runs('worse', many((seed) => 4 - seed / 10)),
    runs('mixed', many((seed) => 5 + seed / 10 + (seed % 2 ? 0.01 : -0.01) * seed)),
    runs('same', [...ours.slice(0, 8), null, null]),
  ]; // prettier-ignore
  const tests = pairedTests(
    [analyse(methods), analyse(methods, { name: 'other' })],
    methods.map(({ method }) => method),
  );
  expect(tests).toHaveLength(2 * 3 * 3);
  const of = (method: string): (typeof tests)[number] => tests.find((test) => test.method === method)!;
  expect(of('worse')).toMatchObject({ task: 'task', seeds: 10, differing: 10, p: 2 / 1024, verdict: 'worse' });
  // Four tests share the smallest p, so that each of them is multiplied by all eighteen.
  expect(of('worse').adjusted).toBeCloseTo((18 * 2) / 1024, 12);
  expect(of('mixed')).toMatchObject({ verdict: 'same', differing: 10, adjusted: 1 });
  expect(of('same')).toMatchObject({ seeds: 8, differing: 0, p: 1, difference: { mean: 0 }, verdict: 'same' });
  expect(countVerdicts(tests, ['worse', 'mixed', 'same']).filter(({ quantity }) => quantity === 'best')).toEqual([
    { method: 'worse', quantity: 'best', better: 0, same: 0, worse: 2 },
    { method: 'mixed', quantity: 'best', better: 0, same: 2, worse: 0 },
    { method: 'same', quantity: 'best', better: 0, same: 2, worse: 0 },
  ]);
});

test('queries to the target: later than the budget where it is not reached', () => {
  // The reference reaches 10 at query 2 with every seed; the other at 3 with most, and with two never.
  const theirs = Array.from({ length: 10 }, () => [1, 10, 1]);
  const ours = theirs.map((_, i) => (i < 2 ? [1, 2, 3] : [1, 2, 10]));
  const methods = [runs('reference', theirs), runs('late', ours)];
  const tests = pairedTests([analyse(methods, { target: 10 })], ['reference', 'late']);
  const queries = tests.find(({ quantity }) => quantity === 'queries')!;
  expect(queries).toMatchObject({ seeds: 10, differing: 10, p: 2 / 1024, verdict: 'worse' });
  expect(queries.difference.mean).toBeCloseTo((8 * 1 + 2 * 2) / 10, 12);
});

test('a method without a run on a task is left out of it', () => {
  const task = analyse([runs('a', [[1, 2, 3]]), runs('b', [null])]);
  expect(task.methods.map(({ method, rank }) => [method, rank])).toEqual([['a', null]]);
  expect(pairedTests([task], ['a', 'b'])).toEqual([]);
});

test('what breaks a constraint is worth the worst that is feasible, and never reaches a target', () => {
  const values = [null, 3, null];
  const [first] = runs('a', [[3]]).runs;
  const broken = { ...first!, record: { ...first!.record, values, best: { architecture: 'a', query: 2 } } };
  const task = { ...facts, target: -5 };
  const [method] = analyseTask(task, (value) => 11 - value, [{ method: 'a', runs: [broken] }]);
  expect(method!.curve.mean).toEqual([-5, 3, 3]);
  expect(method!.runs[0]).toMatchObject({ best: 3, query: 2, reached: 2 });
});
