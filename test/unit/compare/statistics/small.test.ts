import fc from 'fast-check';
import { estimateMean, resamplesOf, RESAMPLES } from '../../../../src/compare/statistics/bootstrap.js';
import { bestSoFar, normalisedArea, queriesTo } from '../../../../src/compare/statistics/curve.js';
import { quantile } from '../../../../src/quantile.js';
import { averageRanks } from '../../../../src/compare/statistics/ranks.js';
import { wilsonInterval } from '../../../../src/compare/statistics/wilson.js';

describe("Wilson's interval", () => {
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('%i of %i, as Newcombe (1998) has it', (successes, trials, low, high) => {
    const interval = wilsonInterval(successes, trials);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
    const turned = wilsonInterval(trials - successes, trials);
    expect(turned.low).toBeCloseTo(1 - interval.high, 12);
    expect(turned.high).toBeCloseTo(1 - interval.low, 12);
  });

  test('its ends are where the score test is at 1.96', () => {
    const [successes, trials] = [7, 30];
    for (const end of Object.values(wilsonInterval(successes, trials))) {
      const score = (successes / trials - end) / Math.sqrt((end * (1 - end)) / trials);
      expect(Math.abs(score)).toBeCloseTo(1.959964, 5);
    }
    expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 });
    expect(wilsonInterval(5, 5).high).toBe(1);
  });
});

describe('quantiles', () => {
  test.each([
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9, 9.1], // R: quantile(1:10, 0.9)
    [[3, 1, 2], 0.5, 2],
    [[4, 1, 2, 3], 0.5, 2.5],
    [[5], 0.9, 5],
    [[10, 9, 100], 0, 9], // by number, not by text
    [[1, 2, Infinity], 0.5, 2],
    [[1, 2, Infinity, Infinity], 0.5, Infinity],
    [[1, Infinity, Infinity], 0.5, Infinity],
    [[Infinity, Infinity], 0.9, Infinity],
  ])('%j at %d', (values, part, expected) => {
    expect(quantile(values, part)).toBeCloseTo(expected, 12);
  });
});

describe('average ranks', () => {
  test('equals share', () => {
    expect(averageRanks([0, 2, 3, 2], (a, b) => a - b)).toEqual([1, 2.5, 4, 2.5]); // SciPy: rankdata
    expect(averageRanks([7, 7, 7], (a, b) => b - a)).toEqual([2, 2, 2]);
    expect(averageRanks([], () => 0)).toEqual([]);
  });

  test('are 1 + the better + half the other equals, and add up', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5 })), (values) => {
        const ranks = averageRanks(values, (a, b) => a - b);
        values.forEach((value, i) => {
          const better = values.filter((other) => other < value).length;
          const equal = values.filter((other) => other === value).length;
          expect(ranks[i]).toBe(1 + better + (equal - 1) / 2);
        });
        expect(ranks.reduce((sum, rank) => sum + rank, 0)).toBe((values.length * (values.length + 1)) / 2);
      }),
    );
  });
});

describe('the bootstrap', () => {
  test('draws each run about as often', () => {
    const resamples = resamplesOf(7);
    expect(resamples).toHaveLength(RESAMPLES);
    const counts = new Array<number>(7).fill(0);
    for (const indices of resamples) for (const i of indices) ++counts[i]!;
    expect(resamples.every(({ length }) => length === 7)).toBe(true);
    // Binomial: 2000 a run, standard deviation 41.
    for (const count of counts) expect(Math.abs(count - RESAMPLES)).toBeLessThan(5 * 41);
  });

  test('two runs: the mean is one, the other or between', () => {
    expect(estimateMean([10, 20], resamplesOf(2))).toEqual({ mean: 15, low: 10, high: 20 });
  });

  test('many runs: as wide as the normal distribution has it', () => {
    const values = Array.from({ length: 200 }, (_, i) => Math.sin(i * 12.9898) * 3);
    const mean = values.reduce((a, b) => a + b, 0) / 200;
    const error = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0)) / 200;
    const estimate = estimateMean(values, resamplesOf(200));
    expect(estimate.mean).toBeCloseTo(mean, 12);
    expect((mean - estimate.low) / error / 1.96).toBeCloseTo(1, 0.9);
    expect((estimate.high - mean) / error / 1.96).toBeCloseTo(1, 0.9);
  });

  test('runs that agree leave no doubt, and no rounding', () => {
    expect(estimateMean([0.1, 0.1, 0.1], resamplesOf(3))).toEqual({ mean: 0.1, low: 0.1, high: 0.1 });
  });
});

describe('best-so-far curves', () => {
  test('keep the best, to the end if the run ended early', () => {
    expect(bestSoFar([3, 1, 4, 1, 5], 'maximize', 7)).toEqual([3, 3, 4, 4, 5, 5, 5]);
    expect(bestSoFar([3, 1, 4, 1, 0], 'minimize', 4)).toEqual([3, 1, 1, 1]);
  });

  test('reach a target when they are as good', () => {
    expect(queriesTo([3, 3, 4, 5], 'maximize', 4)).toBe(3);
    expect(queriesTo([3, 1], 'minimize', 3)).toBe(1);
    expect(queriesTo([3, 1], 'minimize', 0.5)).toBe(Infinity);
  });

  test('have an area between the worst and the best, whatever the direction', () => {
    expect(normalisedArea([0, 5, 10, 10], 'maximize', 0, 10)).toBe(0.625);
    expect(normalisedArea([-5, 5, 10, 10], 'maximize', 0, 10)).toBe(0.625); // worse than the worst counts as that
    expect(normalisedArea([10, 5, 0, 0], 'minimize', 10, 0)).toBe(0.625);
    expect(normalisedArea([3, 3], 'maximize', 3, 3)).toBe(1); // nothing to find
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1 }), (values) => {
        const up = normalisedArea(bestSoFar(values, 'maximize', values.length), 'maximize', 0, 1);
        const down = normalisedArea(bestSoFar(values.map((v) => -v), 'minimize', values.length), 'minimize', -0, -1); // prettier-ignore
        expect(up).toBe(down);
        expect(up).toBeGreaterThanOrEqual(0);
        expect(up).toBeLessThanOrEqual(1);
      }),
    );
  });
});
