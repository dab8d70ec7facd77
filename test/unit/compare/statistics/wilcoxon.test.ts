import fc from 'fast-check';
import { signedRankTest } from '../../../../src/compare/statistics/wilcoxon.js';

const zeros = (n: number): number[] => new Array<number>(n).fill(0);

/** The definition: every sign of every rank, counted one by one. */
function bruteForce(differences: readonly number[]): { positive: number; negative: number; p: number } {
  const nonzero = differences.filter((d) => d !== 0);
  const sizes = nonzero.map(Math.abs);
  const ranks = sizes.map((size) => {
    const smaller = sizes.filter((other) => other < size).length;
    const equal = sizes.filter((other) => other === size).length;
    return smaller + (equal + 1) / 2;
  });
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const positive = ranks.reduce((sum, rank, i) => sum + (nonzero[i]! > 0 ? rank : 0), 0);
  const far = Math.abs(positive - total / 2);
  let extreme = 0;
  for (let signs = 0; signs < 2 ** ranks.length; ++signs) {
    const sum = ranks.reduce((s, rank, i) => s + ((signs >> i) & 1 ? rank : 0), 0);
    if (Math.abs(sum - total / 2) >= far) ++extreme;
  }
  return { positive, negative: total - positive, p: extreme / 2 ** ranks.length };
}

describe('published values', () => {
  test("Darwin's plants (Fisher 1935), as SciPy's documentation has them", () => {
    const differences = [6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75];
    expect(signedRankTest(differences, zeros(15))).toEqual({
      pairs: 15,
      positive: 96,
      negative: 24,
      p: 0.041259765625,
    });
  });

  test("Hamilton's depression scale (Hollander and Wolfe 1973), as R's documentation has it", () => {
    const first = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3];
    const second = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
    const { pairs, positive, p } = signedRankTest(first, second);
    expect([pairs, positive]).toEqual([9, 40]);
    expect(p).toBeCloseTo(0.0390625, 12);
  });

  test('the smallest p of n pairs is 2 / 2^n', () => {
    for (const n of [1, 2, 5, 6, 20, 50]) {
      expect(signedRankTest(zeros(n).map((_, i) => i + 1), zeros(n)).p).toBe(Math.min(1, 2 ** (1 - n))); // prettier-ignore
    }
  });
});

test('equals the count of all signs, with ties and without differences', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -6, max: 6 }), { maxLength: 11 }), (differences) => {
      const expected = bruteForce(differences);
      const { positive, negative, p } = signedRankTest(differences, zeros(differences.length));
      expect({ positive, negative }).toEqual({ positive: expected.positive, negative: expected.negative });
      expect(p).toBeCloseTo(expected.p, 12);
    }),
    { numRuns: 300 },
  );
});

test('turning the pairs round turns the sums round and keeps p', () => {
  const values = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 })), { maxLength: 60 });
  fc.assert(
    fc.property(values, (pairs) => {
      const [a, b] = [pairs.map(([x]) => x), pairs.map(([, y]) => y)];
      const [there, back] = [signedRankTest(a, b), signedRankTest(b, a)];
      expect([back.positive, back.negative, back.p]).toEqual([there.negative, there.positive, there.p]);
      expect(there.p).toBeGreaterThan(0);
      expect(there.p).toBeLessThanOrEqual(1);
    }),
  );
});

test('what subtraction leaves of decimals neither makes a difference nor breaks a tie', () => {
  expect(signedRankTest([0.1 + 0.2, 91.6], [0.3, 91.6])).toMatchObject({ pairs: 0, p: 1 });
  // 0.1 each, but for rounding: ranks 2, 2, 2.
  const { positive, negative } = signedRankTest([91.2, 91.3, 70.1], [91.1, 91.2, 70.2]);
  expect([positive, negative]).toEqual([4, 2]);
});

test('many pairs: close to the normal distribution, and no underflow', () => {
  const n = 1000;
  const differences = zeros(n).map((_, i) => (i % 20 < 9 ? -(i + 1) : i + 1));
  const { positive, p } = signedRankTest(differences, zeros(n));
  const z = Math.abs(positive - (n * (n + 1)) / 4) / Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24);
  // Two-sided tail of the normal distribution by Simpson's rule.
  const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  let tail = 0;
  for (let i = 0, h = 0.001; i < 10_000; ++i) {
    const x = z + i * h;
    tail += (2 * h * (density(x) + 4 * density(x + h / 2) + density(x + h))) / 6;
  }
  expect(p).toBeCloseTo(tail, 3);
  expect(p).toBeLessThan(0.05);
});

test('nothing to compare says nothing', () => {
  expect(signedRankTest([], [])).toEqual({ pairs: 0, positive: 0, negative: 0, p: 1 });
  expect(signedRankTest([0, 0], [0, 0]).p).toBe(1);
});
