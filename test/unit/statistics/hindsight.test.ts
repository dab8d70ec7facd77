import fc from 'fast-check';
import { Hindsight } from '../../../src/statistics/hindsight.js';
import { PredictionWindow, type Prediction, type Quality } from '../../../src/statistics/window.js';
import { uniform } from '../../support/uniform.js';

/** Predictions of which many are equal, in sums that round. */
function logOf(seed: number, length: number): Prediction[] {
  const next = uniform(seed);
  const few = (): number => Math.floor(9 * next()) / 7;
  return Array.from({ length }, () => {
    const predicted = few();
    return { predicted, interval: next() < 0.2 ? undefined : [predicted - next(), predicted + next()], value: few() };
  });
}

/** After each prediction, and before the first, as a window that gets one after the other has it. */
function told(log: readonly Prediction[], size: number): Quality[] {
  const window = new PredictionWindow(size);
  return [
    window.quality(),
    ...log.map((prediction) => {
      window.push(prediction);
      return window.quality();
    }),
  ];
}

test('at any moments, in any order, what a window had then, to the bit', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 1, max: 40 }),
      fc.array(fc.oneof(fc.nat(150), fc.integer({ min: -12, max: 12 })), { maxLength: 40 }),
      (seed, size, looks) => {
        const log = logOf(seed, 150);
        const wanted = told(log, size);
        const hindsight = new Hindsight(size, (place) => log[place]!);
        let at = 0;
        for (const look of looks) {
          at = look > 12 ? look : Math.min(150, Math.max(0, at + look)); // anywhere, or near by
          expect(hindsight.quality(at)).toStrictEqual(wanted[at]);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('one after the other, forwards or backwards, it reads no more than what comes and goes', () => {
  const [size, length] = [64, 1000];
  const log = logOf(3, length);
  const wanted = told(log, size);
  for (const order of [1, -1]) {
    let reads = 0;
    const hindsight = new Hindsight(size, (place) => {
      reads += 1;
      return log[place]!;
    });
    for (let i = 0; i <= length; ++i) {
      const at = order === 1 ? i : length - i;
      expect(hindsight.quality(at)).toStrictEqual(wanted[at]);
    }
    expect(reads).toBeLessThanOrEqual(length + size);
  }
});
