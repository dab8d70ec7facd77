import fc from 'fast-check';
import { holm } from '../../../../src/compare/statistics/holm.js';

const ps = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });

/** The closed test: the largest Bonferroni p over every intersection of hypotheses that has this one in it. */
function closed(values: readonly number[]): number[] {
  return values.map((_, i) => {
    let largest = 0;
    for (let subset = 0; subset < 2 ** values.length; ++subset) {
      if (!((subset >> i) & 1)) continue;
      const members = values.filter((_p, j) => (subset >> j) & 1);
      largest = Math.max(largest, Math.min(1, members.length * Math.min(...members)));
    }
    return largest;
  });
}

test('a worked example', () => {
  expect(holm([0.01, 0.04, 0.03, 0.005]).map((p) => Number(p.toFixed(10)))).toEqual([0.03, 0.06, 0.06, 0.02]);
  expect(holm([])).toEqual([]);
  expect(holm([0.7, 0.9])).toEqual([1, 1]);
});

test('equals the closed test of Bonferroni', () => {
  fc.assert(
    fc.property(ps, (values) => {
      const expected = closed(values);
      holm(values).forEach((p, i) => expect(p).toBeCloseTo(expected[i]!, 12));
    }),
  );
});

test('keeps the order, never below p, between Bonferroni and none', () => {
  fc.assert(
    fc.property(ps, (values) => {
      const adjusted = holm(values);
      values.forEach((p, i) => {
        expect(adjusted[i]).toBeGreaterThanOrEqual(p);
        expect(adjusted[i]).toBeLessThanOrEqual(Math.min(1, p * values.length));
        values.forEach((q, j) => {
          if (p <= q) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j]!);
        });
      });
    }),
  );
});
