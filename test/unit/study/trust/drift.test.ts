import { DriftWatch } from '../../../../src/study/trust/drift.js';
import type { Trial, Warning } from '../../../../src/study/types.js';

/** Warnings of trials whose latency was known and then measured. */
const said = (
  watch: DriftWatch,
  pairs: readonly (readonly [known: number, measured: number | undefined])[],
): Warning[] =>
  pairs.flatMap(([known, measured], i) =>
    watch.measured(
      { id: i + 1, round: 3, known: { ms: known } } as unknown as Trial,
      measured === undefined ? { acc: 90 } : { acc: 90, ms: measured },
    ),
  );
/** Values of 4 to 6, and what is measured of them. */
const pairs = (count: number, measured: (known: number, i: number) => number | undefined) =>
  Array.from({ length: count }, (_, i): [number, number | undefined] => [4 + (i % 3), measured(4 + (i % 3), i)]);

test('a model that is right on the whole, and mostly near, is not complained of', () => {
  const watch = new DriftWatch();
  expect(
    said(
      watch,
      pairs(100, (known, i) => known * (1 + 0.15 * Math.sin(7 * i))),
    ),
  ).toEqual([]);
  expect(
    said(
      watch,
      pairs(100, (known) => 1.08 * known),
    ),
  ).toEqual([]);
  expect(
    said(
      new DriftWatch(),
      pairs(100, () => undefined),
    ),
  ).toEqual([]);
});

test('one that is off on the whole is, once, after eight measurements', () => {
  const watch = new DriftWatch();
  expect(
    said(
      watch,
      pairs(7, (known) => 1.3 * known),
    ),
  ).toEqual([]);
  expect(
    said(
      watch,
      pairs(40, (known) => 1.3 * known),
    ),
  ).toEqual([
    {
      code: 'METRIC_DRIFT',
      message: 'ms: what the last 8 queries measured is 30 % more than what was known, in the median',
      hint: 'fit its model again with these measurements (optiproxy latency fit), correct its table, or move the limit',
      round: 3,
    },
  ]);
});

test('one that is off now one way, now the other, is too', () => {
  const [warning] = said(
    new DriftWatch(),
    pairs(20, (known, i) => known * (i % 2 === 0 ? 1.4 : 0.6)),
  );
  expect(warning!.message).toMatch(
    /^ms: what the last 8 queries measured is off what was known by \d+ %, in the median$/,
  );
});

test('one that drifts late is told when most of the last twenty say so, and again after it was mended', () => {
  const drifted = pairs(60, (known) => 0.7 * known);
  const right = pairs(60, (known) => known);
  const watch = new DriftWatch();
  expect(said(watch, right)).toEqual([]);
  expect(said(watch, drifted.slice(0, 9))).toEqual([]);
  expect(said(watch, drifted)).toHaveLength(1);
  expect(said(watch, right)).toEqual([]);
  const [again, ...more] = said(watch, drifted);
  expect([again!.message, more]).toEqual([expect.stringContaining('% less than what was known'), []]);
});

test('every metric is watched by itself, and one around zero does not divide by it', () => {
  const watch = new DriftWatch();
  const both = Array.from({ length: 10 }, (_, i) =>
    watch.measured({ id: i, round: 0, known: { a: 0, b: 5 } } as unknown as Trial, { a: 0, b: 9 }),
  ).flat();
  expect(both.map(({ message }) => message.slice(0, 2))).toEqual(['b:']);
});
