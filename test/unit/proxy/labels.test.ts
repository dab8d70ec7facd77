import fc from 'fast-check';
import { deserialize, serialize } from 'node:v8';
import {
  labelsFrom,
  logGap,
  shifted,
  softLog,
  standardise,
  type LabelSource,
  type LabelTransform,
} from '../../../src/proxy/labels.js';

const transforms: [string, (values: readonly number[]) => LabelTransform][] = [
  ['standardise', standardise],
  ['logGap', (values) => logGap(values, 0.05)],
];
const accuracies = [88.25, 91.5, 90.75, 84.5, 91.25, 10, 90.5, 89];

test('standardise: mean 0, deviation 1', () => {
  const targets = [...standardise(accuracies).targets];
  const mean = targets.reduce((sum, t) => sum + t, 0) / targets.length;
  expect(mean).toBeCloseTo(0, 6);
  expect(targets.reduce((sum, t) => sum + t * t, 0) / targets.length).toBeCloseTo(1, 5);
  expect([...standardise([1, 3]).targets]).toEqual([-1, 1]);
});

test('logGap: standardised, and the upper half takes more of the range than it has of the values', () => {
  const { targets } = logGap([0, 50, 80, 90, 95, 99, 100], 0.05);
  expect(targets.reduce((sum, t) => sum + t, 0)).toBeCloseTo(0, 5);
  const share = (targets[6]! - targets[3]!) / (targets[6]! - targets[0]!);
  expect(share).toBeGreaterThan(0.5); // of the values it is a tenth
});

test('softLog: from 0 on, a factor above the median, and given back', () => {
  const values = [0, 0.01, 5, 10, 20, 4000];
  const { targets, target, invert } = softLog(values);
  expect(targets.reduce((sum, t) => sum + t, 0)).toBeCloseTo(0, 5);
  values.forEach((value, i) => {
    expect(target(value)).toBeCloseTo(targets[i]!, 6);
    expect(invert(targets[i]!) / (value || 1)).toBeCloseTo(value === 0 ? 0 : 1, value === 0.01 ? 2 : 5);
  });
  expect(target(4e6) - target(4e5)).toBeCloseTo(target(4e5) - target(4e4), 3); // a factor of ten each
  expect(target(1e-3) - target(1e-4)).toBeLessThan(1e-3 * (target(10) - target(1)));
  expect([...softLog([0, 0, 0]).targets]).toEqual([0, 0, 0]);
  expect([...softLog([0, 0, 3]).targets].every(Number.isFinite)).toBe(true);
});

describe.each(transforms)('%s', (_name, transform) => {
  test('inverting gives the values back', () => {
    const { targets, invert } = transform(accuracies);
    targets.forEach((target, i) => expect(invert(target)).toBeCloseTo(accuracies[i]!, 3));
  });

  test('better values have larger targets, equal values equal ones', () => {
    const { targets } = transform([...accuracies, 90.5]);
    const values = [...accuracies, 90.5];
    values.forEach((a, i) =>
      values.forEach((b, j) => expect(Math.sign(targets[i]! - targets[j]!)).toBe(Math.sign(a - b))),
    );
  });

  test.each([
    ['a hundredth', 0.01, 0],
    ['a billion times', 1e9, 0],
    ['a shift', 1, -250],
    ['both', 0.25, 1000],
    ['1e-200, where squares underflow', 1e-200, 0],
    ['1e200, where squares overflow', 1e200, 0],
    ['the largest doubles', 1.7e306, 0],
  ])('the unit does not matter: %s', (_unit, factor, shift) => {
    const plain = transform(accuracies).targets;
    const { targets, invert } = transform(accuracies.map((v) => v * factor + shift));
    targets.forEach((target, i) => expect(target).toBeCloseTo(plain[i]!, 4));
    targets.forEach((target, i) => expect((invert(target) - shift) / factor).toBeCloseTo(accuracies[i]!, 2));
  });

  test('the unit does not matter where most values are the best one', () => {
    const values = [1, 1, 1, 1, 1, 0.5, 0, -1];
    const plain = transform(values).targets;
    transform(values.map((v) => v * 0.01)).targets.forEach((target, i) => expect(target).toBeCloseTo(plain[i]!, 4));
    expect(plain[5]! - plain[6]!).toBeGreaterThan(0.05); // the others are still told apart
  });

  test('constant values have the target 0, which stands for that value', () => {
    for (const value of [0, 91.5, -1e300, 1e-300]) {
      const { targets, invert } = transform([value, value, value]);
      expect([...targets].map(Math.abs)).toEqual([0, 0, 0]);
      expect(invert(0)).toBeCloseTo(value, 5);
    }
  });

  test('any finite values have finite targets and expectations', () => {
    const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(values, (given) => {
        const { targets, invert } = transform(given);
        expect([...targets].every(Number.isFinite)).toBe(true);
        expect(Number.isNaN(invert(targets[0]!))).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test('a history of a quarter million values', () => {
    const many = Array.from({ length: 250_000 }, (_, i) => i % 1000);
    expect(transform(many).targets).toHaveLength(250_000);
  });
});

test.each([
  ['standardised', standardise([3, 1, 4, 1, 5])],
  ['of the gap to the best', logGap([3, 1, 4, 1, 5], 0.3)],
  ['of the logarithm', softLog([3, 1, 4, 1, 5])],
  ['shifted', shifted(logGap([3, 1, 4, 1, 5], 1), 0.25)],
])('labels %s are made anew, to the bit, of what they were made of', (_, labels) => {
  const again = labelsFrom(deserialize(serialize(labels.source)) as LabelSource);
  expect(again.targets).toEqual(labels.targets);
  for (const value of [-1, 0, 2.5, 4, 9]) {
    expect(again.target(value)).toBe(labels.target(value));
    expect(again.invert(value)).toBe(labels.invert(value));
  }
  expect(again.source).toEqual(labels.source);
});
