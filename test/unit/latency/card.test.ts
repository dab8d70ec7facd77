import { relativeWidth, spearman, spreadOf, validate } from '../../../src/latency/card.js';
import { foldsOf } from '../../../src/latency/folds.js';
import { calibrate, deviationOf, intervalOf, slopeAt, type Held } from '../../../src/latency/interval.js';
import { gaussian } from '../../support/uniform.js';

const held = (predicted: number, value: number, fold = 0): Held => ({ fold, value, predicted, slope: 1, spread: 0 });

test('Spearman: of ranks, ties in the middle, nothing of equal values', () => {
  expect(spearman([1, 2, 3, 4], [10, 20, 30, 1000])).toBeCloseTo(1, 12);
  expect(spearman([1, 2, 3, 4], [4, 3, 2, 1])).toBeCloseTo(-1, 12);
  expect(spearman([1, 2, 3, 4], [1, 3, 2, 4])).toBeCloseTo(0.8, 12); // 1 - 6·2 / (4·15)
  expect(spearman([1, 1, 2], [1, 2, 3])).toBeCloseTo(Math.sqrt(3) / 2, 12);
  expect(spearman([1, 1, 1], [1, 2, 3])).toBeNull();
});

test('the figures of a card, by hand', () => {
  // Errors of 0, 4, 10, 20 and 50 %, and one of a measurement of 0.
  const all = [held(10, 10, 0), held(104, 100, 0), held(18, 20, 1), held(36, 30, 1), held(20, 40, 2), held(1, 0, 2)];
  const { mape, medianError, within5, within10, kendall, folds } = validate(all, 3);
  expect(mape).toBeCloseTo((0 + 0.04 + 0.1 + 0.2 + 0.5) / 5, 12);
  expect(medianError).toBeCloseTo(0.1, 12);
  expect([within5, within10]).toEqual([2 / 6, 3 / 6]);
  expect(kendall).toBeCloseTo(13 / 15, 12); // one of fifteen pairs is the wrong way round
  expect(folds).toBe(3);
  expect(spreadOf([1, 2, 3, 6])).toEqual({ min: 1, median: 2.5, max: 6, deviation: Math.sqrt(3.5) });
});

test('measurements of 0 alone have no relative error', () => {
  expect(validate([held(1, 0), held(2, 0, 1)], 2)).toMatchObject({ mape: null, medianError: null, spearman: null });
});

test('calibration: the interval holds the ⌈0.9·(n + 1)⌉-th smallest error, and no more', () => {
  const errors = Array.from({ length: 19 }, (_, i) => held(0, i + 1));
  const { floor, factor } = calibrate(errors);
  expect(floor).toBe(10);
  const [low, high] = intervalOf(0, deviationOf({ floor, factor }, 1, 0));
  expect(high).toBeCloseTo(18, 9);
  expect(low).toBe(-high);
  expect(intervalOf(0, deviationOf(calibrate(errors.slice(0, 5)), 1, 0))[1]).toBeCloseTo(5, 9); // the largest of few
});

test('a perfect model has intervals of no width', () => {
  const perfect = [1, 2, 3].map((v) => held(v, v, v - 1));
  expect(calibrate(perfect)).toEqual({ floor: 0, factor: 0 });
  expect(validate(perfect, 3).coverage).toBe(1);
  expect(relativeWidth(perfect)).toBe(0);
  expect(relativeWidth([held(0, 1)])).toBeNull();
});

test('intervals are wider where members disagree, and coverage is that of measurements that did not calibrate them', () => {
  const noise = gaussian(5);
  const all = Array.from({ length: 2000 }, (_, i): Held => {
    const spread = i % 2 === 0 ? 0.1 : 2;
    return { fold: i % 5, value: 10 + spread * noise(), predicted: 10, slope: 1, spread };
  });
  const uncertainty = calibrate(all);
  expect(deviationOf(uncertainty, 1, 2)).toBeGreaterThan(3 * deviationOf(uncertainty, 1, 0.1));
  expect(Math.abs(validate(all, 5).coverage - 0.9)).toBeLessThan(0.02);
});

test('slopes of curves', () => {
  expect(slopeAt({ slope: -2, intercept: 5 }, 9)).toBe(2);
  expect(slopeAt({ slope: 2, intercept: 0, exponential: { factor: -3, offset: 7 } }, 0.5)).toBeCloseTo(6 * Math.E, 12);
});

describe('folds', () => {
  const keys = (groups: readonly number[]): Uint8Array =>
    Uint8Array.from(groups.flatMap((group) => [group, ...Array<number>(15).fill(0)]));
  const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

  test.each([
    [10, 10],
    [20, 20],
    [21, 10],
    [49, 10],
    [50, 5],
    [200, 5],
  ])('of %i measurements there are %i, of equal size', (n, count) => {
    const folds = foldsOf(keys(range(n)), 1);
    expect(folds.count).toBe(count);
    const sizes = range(count).map((f) => folds.fold.filter((g) => g === f).length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });

  test('what is the same is in one; the seed decides which', () => {
    const groups = range(100).map((i) => i % 40);
    const { fold, count, groups: distinct } = foldsOf(keys(groups), 3);
    expect([count, distinct]).toEqual([5, 40]);
    range(60).forEach((i) => expect(fold[i]).toBe(fold[i + 40]));
    expect(foldsOf(keys(groups), 3).fold).toEqual(fold);
    expect(foldsOf(keys(groups), 4).fold).not.toEqual(fold);
    expect(foldsOf(keys([1, 1, 2]), 0).count).toBe(2);
  });
});
