import { KnownMetrics } from '../../../src/metric/known.js';
import { checkCheapMetrics } from '../../../src/metric/metric.js';
import { spaces } from '../../../src/space/index.js';
import { errorOf } from '../../support/errors.js';

const space = spaces.digits201();
const [first, second] = [0, 1].map((op) => Uint8Array.of(op, 0, 0, 0, 0, 0)) as [Uint8Array, Uint8Array];
const both = Buffer.concat([first, second]);
const of = (given: unknown): ReturnType<typeof checkCheapMetrics> => checkCheapMetrics(given, space, ['acc']);

test('functions, now or later, and metrics of batches', async () => {
  const seen: string[] = [];
  const metrics = of({
    length: (architecture: string) => (seen.push(architecture), architecture.length),
    later: async () => 7,
    genes: { evaluate: (genes: Uint8Array) => Float64Array.of(genes[0]!, NaN) },
  });
  const known = new KnownMetrics(metrics, []);
  expect(known.admits).toBeUndefined();
  const texts = [first, second].map((genes) => space.format(genes));
  expect(await known.describe!([first, second])).toEqual([
    { length: texts[0]!.length, later: 7, genes: 0 },
    { length: texts[1]!.length, later: 7 },
  ]);
  expect(seen).toEqual(texts);
  expect(new KnownMetrics(of(undefined), []).describe).toBeUndefined();
});

test('an architecture is admitted where all constraints hold, and none without a value', async () => {
  const metrics = of({
    a: { evaluate: () => Float64Array.of(1, 2) },
    b: { evaluate: async () => Float64Array.of(NaN, 5) },
  });
  const verdicts = async (...constraints: { metric: string; min?: number; max?: number }[]): Promise<number[]> => [
    ...(await new KnownMetrics(metrics, constraints).admits!(both, 2)),
  ];
  expect(await verdicts({ metric: 'a', max: 1 })).toEqual([1, 0]);
  expect(await verdicts({ metric: 'b', max: 9 })).toEqual([0, 1]);
  expect(await verdicts({ metric: 'a', min: 2 }, { metric: 'b', max: 4 })).toEqual([0, 0]);
});

test('how far each limit is broken, both bounds of a metric together', async () => {
  const metrics = of({ a: { evaluate: () => Float64Array.of(1, 9) }, b: { evaluate: () => Float64Array.of(NaN, 5) } });
  const limits = [
    { metric: 'a', min: 2 },
    { metric: 'a', max: 6 },
    { metric: 'b', max: 5 },
    { metric: 'acc', min: 50 }, // only a query tells
  ];
  const columns = await new KnownMetrics(metrics, limits).excess!(both, 2);
  expect(columns).toEqual([Float64Array.of(1, 3), Float64Array.of(NaN, 0)]);
  expect(new KnownMetrics(metrics, [{ metric: 'acc', min: 50 }]).excess).toBeUndefined();
});

test('what was measured otherwise breaks a constraint, what was not measured does not', () => {
  const known = new KnownMetrics(of({ a: () => 1 }), [{ metric: 'a', max: 2 }]);
  expect(known.brokenBy({ a: 2 })).toBeUndefined();
  expect(known.brokenBy({ acc: 9 })).toBeUndefined();
  expect(known.brokenBy({ a: 2.5, acc: 9 })).toBe('a<=2, measured 2.5');
});

test.each<[string, unknown, RegExp]>([
  ['a list', [() => 1], /^options\.metrics: expected metrics by their names/],
  ['a number', { a: 3 }, /^options\.metrics\.a: expected a function of an architecture, or a metric with `evaluate`/],
  ['null', { a: null }, /^options\.metrics\.a: expected a function/],
  ['the objective', { acc: () => 1 }, /^options\.metrics: expected an objective that is not among them, given "acc"/],
])('refuses %s', async (_name, given, message) => {
  expect((await errorOf('INVALID_ARGUMENT', () => of(given))).message).toMatch(message);
});

test.each<[string, unknown, RegExp]>([
  ['a function that answers Infinity', () => Infinity, /^metric a of \|none~0\|.*: expected a finite number, or NaN for none, given Infinity/], // prettier-ignore
  ['a function that answers a text', () => '3', /^metric a of .*expected a finite number.*given "3"/],
  [
    'too few values',
    { evaluate: () => new Float64Array(1) },
    /^metric a: expected a Float64Array of 2, given "a Float64Array of 1"/,
  ],
  ['no values', { evaluate: () => undefined }, /^metric a: expected a Float64Array of 2/],
  ['an infinite value', { evaluate: () => Float64Array.of(1, -Infinity) }, /^metric a: expected finite numbers, or NaN for none, given -Infinity/], // prettier-ignore
  ['a list', { evaluate: () => [1, 1] }, /^metric a: expected a Float64Array of 2, given \[1,1\]/],
  ['single precision', { evaluate: () => new Float32Array(2) }, /given "a Float32Array of 2"/],
])('%s fails', async (_name, metric, message) => {
  const known = new KnownMetrics(of({ a: metric }), [{ metric: 'a', max: 2 }]);
  expect((await errorOf('INVALID_METRICS', () => known.admits!(both, 2))).message).toMatch(message);
});
