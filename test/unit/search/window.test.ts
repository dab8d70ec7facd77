import fc from 'fast-check';
import { History } from '../../../src/baselines/history.js';
import { fitWindow } from '../../../src/search/window.js';
import { tinySpace } from '../../support/spaces.js';

/** Answers by id, told in this order of ids. */
function told(values: readonly number[], order: readonly number[]): History {
  const history = new History(tinySpace());
  values.forEach(() => history.add(new Uint8Array(3)));
  for (const id of order) history.tell(id, values[id - 1]!);
  history.advance();
  return history;
}
const idsOf = (values: readonly number[]): number[] => values.map((_, i) => i + 1);
const scattered = (n: number): number[] => Array.from({ length: n }, (_, i) => (i * 7919) % n);

// Many ties, and some ids that never get an answer.
const answers = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 2, maxLength: 200 }).chain((values) =>
  fc.record({
    values: fc.constant(values),
    order: fc.shuffledSubarray(idsOf(values), { minLength: 1 }),
    size: fc.integer({ min: 4, max: 60 }),
    seed: fc.maxSafeNat(),
    fit: fc.integer({ min: 1, max: 1000 }),
  }),
);

test('it is ascending, of the answered, as large as it may be, and holds the best and the latest', () => {
  const property = fc.property(answers, ({ values, order, size, seed, fit }) => {
    const window = [...fitWindow(told(values, order), size, seed, fit)];
    expect(window).toEqual([...new Set(window)].sort((a, b) => a - b));
    expect(window).toHaveLength(Math.min(size, order.length));
    for (const id of window) expect(order).toContain(id);
    const quarter = Math.floor(size / 4);
    const ranked = [...order].sort((a, b) => values[b - 1]! - values[a - 1]! || a - b);
    expect(window).toEqual(expect.arrayContaining(ranked.slice(0, quarter)));
    expect(window).toEqual(expect.arrayContaining([...order].sort((a, b) => b - a).slice(0, quarter)));
    // Every stratum of the rest has one.
    const latest = ranked.slice(quarter).sort((a, b) => b - a).slice(0, quarter); // prettier-ignore
    const rest = ranked.slice(quarter).filter((id) => !latest.includes(id));
    const strata = size - 2 * quarter;
    if (order.length <= size) return;
    for (let s = 0; s < strata; ++s) {
      const stratum = rest.slice(Math.floor((s * rest.length) / strata), Math.ceil(((s + 1) * rest.length) / strata));
      expect(stratum.some((id) => window.includes(id))).toBe(true);
    }
  });
  fc.assert(property, { numRuns: 300 });
});

test('it follows from the seed, the fit and the answers, not from the order told', () => {
  const property = fc.property(answers, ({ values, order, size, seed, fit }) => {
    const window = fitWindow(told(values, order), size, seed, fit);
    expect(fitWindow(told(values, order.toReversed()), size, seed, fit)).toEqual(window);
    expect(fitWindow(told(values, order.toSorted()), size, seed, fit)).toEqual(window);
  });
  fc.assert(property, { numRuns: 200 });
});

test('up to its size it is everything, whatever the seed', () => {
  const values = scattered(64);
  const history = told(values, idsOf(values));
  expect([...fitWindow(history, 64, 1, 1)]).toEqual(idsOf(values));
  expect(fitWindow(history, 63, 1, 1)).toHaveLength(63);
});

test('the worst half of a long history keeps its share of the sample', () => {
  const values = scattered(10_000);
  const history = told(values, idsOf(values));
  const bad = [...fitWindow(history, 400, 3, 1)].filter((id) => values[id - 1]! < 5000);
  expect(bad.length).toBeGreaterThan(100);
});

test('another fit or seed samples others; after enough fits everything had its turn', () => {
  const values = scattered(1000);
  const history = told(values, idsOf(values));
  const window = fitWindow(history, 200, 3, 1);
  expect(fitWindow(history, 200, 3, 2)).not.toEqual(window);
  expect(fitWindow(history, 200, 4, 1)).not.toEqual(window);
  const seen = new Set<number>();
  for (let fit = 1; fit <= 100; ++fit) for (const id of fitWindow(history, 200, 3, fit)) seen.add(id);
  expect(seen.size).toBe(1000);
});

test('best, latest and rest are in proportion where the best are the latest, too', () => {
  const rising = Array.from({ length: 1000 }, (_, i) => i);
  const window = [...fitWindow(told(rising, idsOf(rising)), 100, 1, 1)];
  expect(window.slice(-50)).toEqual(Array.from({ length: 50 }, (_, i) => 951 + i));
  const rest = window.slice(0, 50);
  for (const [i, id] of rest.entries()) expect(Math.abs(id - 19 * i - 10)).toBeLessThanOrEqual(19);
});
