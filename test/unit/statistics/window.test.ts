import fc from 'fast-check';
import { PredictionWindow, type Prediction } from '../../../src/statistics/window.js';
import { gaussian } from '../../support/uniform.js';

/** By the definition, over all pairs. */
function plainTau(pairs: readonly Prediction[]): number | null {
  let [concordance, ofPredictions, ofValues] = [0, 0, 0];
  for (let i = 0; i < pairs.length; ++i) {
    for (let j = 0; j < i; ++j) {
      const dx = Math.sign(pairs[i]!.predicted - pairs[j]!.predicted);
      const dy = Math.sign(pairs[i]!.value - pairs[j]!.value);
      concordance += dx * dy;
      ofPredictions += dx * dx;
      ofValues += dy * dy;
    }
  }
  return ofPredictions * ofValues === 0 ? null : concordance / Math.sqrt(ofPredictions * ofValues);
}

const pushed = (size: number, pairs: readonly Prediction[]): PredictionWindow => {
  const window = new PredictionWindow(size);
  for (const pair of pairs) window.push(pair);
  return window;
};
const pairs = (...list: [number, number][]): Prediction[] => list.map(([predicted, value]) => ({ predicted, value }));

const few = fc.integer({ min: -3, max: 3 }); // so that there are ties
const prediction = fc
  .record({ predicted: few, value: few, width: fc.option(fc.nat(3), { nil: undefined }) })
  .map(({ predicted, value, width }) => ({
    predicted,
    value,
    interval: width === undefined ? undefined : ([predicted - width, predicted + width] as const),
  }));

test('after any pushes the figures are those of the latest ones, by the definitions', () => {
  fc.assert(
    fc.property(fc.array(prediction, { maxLength: 60 }), fc.integer({ min: 1, max: 25 }), (all, size) => {
      const latest = all.slice(-size);
      const window = pushed(size, all);
      const { answers, tau, coverage, bias } = window.quality();
      expect(answers).toBe(latest.length);
      const wanted = plainTau(latest);
      if (wanted === null) expect(tau).toBeNull();
      else expect(tau).toBeCloseTo(wanted, 12);
      const known = latest.filter(({ interval }) => interval !== undefined);
      const share = (hit: (value: number, low: number, high: number) => boolean): number | null =>
        known.length === 0
          ? null
          : known.filter(({ value, interval }) => hit(value, ...interval!)).length / known.length;
      expect(coverage).toBe(share((value, low, high) => low <= value && value <= high));
      expect(window.share(-1)).toBe(share((value, low) => value < low));
      expect(window.share(1)).toBe(share((value, _low, high) => value > high));
      const errors = latest.map(({ predicted, value }) => predicted - value);
      if (latest.length === 0) expect(bias).toBeNull();
      else expect(bias).toBeCloseTo(errors.reduce((sum, e) => sum + e, 0) / latest.length, 10);
      expect([...window.measured].sort()).toEqual(latest.map(({ value }) => value).sort());
    }),
    { numRuns: 500 },
  );
});

// Kendall (1945), and what every statistics package gives: 12 of 15 pairs agree but for ties.
test('tau-b of known rankings', () => {
  const tau = (...list: [number, number][]): number | null => pushed(50, pairs(...list)).quality().tau;
  expect(tau([1, 1], [2, 2], [3, 3])).toBe(1);
  expect(tau([1, 3], [2, 2], [3, 1])).toBe(-1);
  expect(tau([1, 1], [2, 2], [3, 2])).toBeCloseTo(2 / Math.sqrt(6), 12);
  expect(tau([12, 1], [2, 4], [1, 7], [12, 1], [2, 0])).toBeCloseTo(-0.4714045207910316, 12); // scipy's example
  expect(tau([1, 5])).toBeNull();
  expect(tau([1, 5], [2, 5])).toBeNull();
  expect(tau([-Infinity, 1], [0, 2], [Infinity, 3])).toBe(1);
});

test('exact after a hundred thousand pushes: nothing drifts', () => {
  const window = new PredictionWindow(20);
  const latest: Prediction[] = [];
  for (let i = 0; i < 100_000; ++i) {
    const pair = { predicted: (i * 7919) % 13, value: ((i * 104_729) % 17) * (i % 1000 === 0 ? 1e300 : 1) };
    window.push(pair);
    if (i >= 99_980) latest.push(pair);
  }
  const { tau, bias } = window.quality();
  expect(tau).toBe(plainTau(latest));
  expect(bias).toBeCloseTo(latest.reduce((sum, { predicted, value }) => sum + predicted - value, 0) / 20, 9);
});

test('a Gaussian that is known: nine in ten inside, no bias; of half the deviation six in ten', () => {
  const next = gaussian(5);
  for (const [stated, inside] of [
    [1, 0.9],
    [0.5, 0.589],
  ] as const) {
    const window = new PredictionWindow(4096);
    for (let i = 0; i < 4096; ++i) {
      const predicted = 10 * next();
      const interval = [predicted - 1.6449 * stated, predicted + 1.6449 * stated] as const;
      window.push({ predicted, interval, value: predicted + next() });
    }
    const { coverage, bias, tau } = window.quality();
    // Four standard deviations of a share of 4,096, and of a mean.
    expect(Math.abs(coverage! - inside)).toBeLessThan(4 * Math.sqrt((inside * (1 - inside)) / 4096));
    expect(Math.abs(bias!)).toBeLessThan(4 / 64);
    expect(tau).toBeGreaterThan(0.9);
  }
});

test('what overflows is no bias', () => {
  expect(pushed(5, pairs([1e308, -1e308], [1, 1], [2, 2])).quality()).toMatchObject({ bias: null, tau: -1 / 3 });
  expect(pushed(5, pairs([-Infinity, 1], [1, 2])).quality()).toMatchObject({ bias: null, tau: 1 });
});
