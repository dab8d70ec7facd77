import { checkConstraints, constraintText, holds, parseConstraint } from '../../../src/metric/constraint.js';
import { errorOf } from '../../support/errors.js';

test.each([
  ['latency_ms<=5', { metric: 'latency_ms', max: 5 }],
  ['  latency_ms  >=  0.5 ', { metric: 'latency_ms', min: 0.5 }],
  ['cifar10 error<=-1e-3', { metric: 'cifar10 error', max: -0.001 }],
])('reads %j', (text, constraint) => {
  expect(parseConstraint(text)).toEqual(constraint);
  expect(parseConstraint(constraintText(constraint))).toEqual(constraint);
});

test.each(['latency_ms', 'latency_ms<5', '<=5', 'latency_ms<=', 'latency_ms<=five', 'latency_ms<=Infinity'])(
  'refuses %j',
  async (text) => {
    const { message } = await errorOf('INVALID_ARGUMENT', () => parseConstraint(text));
    expect(message).toMatch(/^--constraint: expected METRIC<=NUMBER or METRIC>=NUMBER, given .*quote it/);
  },
);

test('bounds are allowed values, and no value meets none', () => {
  const both = { metric: 'm', min: 1, max: 2 };
  expect([0.999, 1, 1.5, 2, 2.001, NaN].map((value) => holds(both, value))).toEqual([false, true, true, true, false, false]); // prettier-ignore
  expect(constraintText(both)).toBe('m>=1, m<=2');
  expect(holds({ metric: 'm', max: 0 }, -Infinity)).toBe(true);
});

describe('those of a study', () => {
  test('are copied', () => {
    const given = [{ metric: 'a', max: 1, min: undefined }, { metric: 'b', min: 0, max: 0 }]; // prettier-ignore
    const checked = checkConstraints(given);
    expect(checked).toEqual([
      { metric: 'a', max: 1 },
      { metric: 'b', min: 0, max: 0 },
    ]);
    expect(checked[0]).not.toBe(given[0]);
    expect(checkConstraints(undefined)).toEqual([]);
  });

  test.each<[string, unknown, 'INVALID_ARGUMENT', RegExp]>([
    ['that are no list', { metric: 'a', max: 1 }, 'INVALID_ARGUMENT', /^options\.constraints: expected a list/],
    ['one that is a text', ['a<=1'], 'INVALID_ARGUMENT', /^options\.constraints\[0\]: expected a constraint like/],
    ['an unknown key', [{ metric: 'a', most: 1 }], 'INVALID_ARGUMENT', /\[0\]\.most: expected one of metric, min, max/],
    ['no metric', [{ max: 1 }], 'INVALID_ARGUMENT', /\[0\]\.metric: expected the name of a metric/],
    ['two that cross', [{ metric: 'a', min: 2 }, { metric: 'a', max: 1 }], 'INVALID_ARGUMENT', /^options\.constraints on a: expected min at most max, given "2 and 1"/], // prettier-ignore
    ['no bound', [{ metric: 'a' }], 'INVALID_ARGUMENT', /\[0\]: expected min, max or both/],
    [
      'a bound that is no number',
      [{ metric: 'a', max: '5' }],
      'INVALID_ARGUMENT',
      /\[0\]\.max: expected a finite number/,
    ],
    ['NaN', [{ metric: 'a', min: NaN }], 'INVALID_ARGUMENT', /\[0\]\.min: expected a finite number, given NaN/],
    ['bounds that cross', [{ metric: 'a', min: 2, max: 1 }], 'INVALID_ARGUMENT', /\[0\]: expected min at most max/],
  ])('refuse %s', async (_name, given, code, message) => {
    expect((await errorOf(code, () => checkConstraints(given))).message).toMatch(message);
  });
});
