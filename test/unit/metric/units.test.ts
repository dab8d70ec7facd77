import { constraintText } from '../../../src/metric/constraint.js';
import { KnownMetrics } from '../../../src/metric/known.js';
import type { CheapMetric } from '../../../src/metric/metric.js';
import { checkUnits, withUnit } from '../../../src/metric/units.js';
import { errorOf } from '../../support/errors.js';

const of = (unit?: string): CheapMetric => ({ ...(unit === undefined ? {} : { unit }), evaluate: () => new Float64Array() }); // prettier-ignore
const metrics = new Map([
  ['latency', of('ms')],
  ['energy', of()],
]);

test('what is said beside what metrics say of themselves', () => {
  expect(checkUnits(undefined, metrics)).toEqual({ latency: 'ms' });
  expect(checkUnits({ energy: 'mJ', val_acc: '%' }, metrics)).toEqual({ latency: 'ms', energy: 'mJ', val_acc: '%' });
  expect(checkUnits({ latency: 'ms' }, metrics)).toEqual({ latency: 'ms' });
});

test.each<[string, unknown, RegExp]>([
  ['another unit than the model states', { latency: 's' }, /^options\.units\.latency: expected ms, given "s" .*a limit on it is in that unit/], // prettier-ignore
  ['an empty unit', { energy: ' ' }, /^options\.units\.energy: expected a text like ms/],
  ['a number', { energy: 3 }, /^options\.units\.energy: expected a text like ms, given 3/],
  [
    'a metric that states none, but says so',
    undefined,
    /^options\.metrics\.latency\.unit: expected a text like ms, given ""/,
  ],
  ['a list', ['ms'], /^options\.units: expected units by the names of metrics/],
])('refuses %s', async (_name, given, message) => {
  const all = given === undefined ? new Map([['latency', of('')]]) : metrics;
  expect((await errorOf('INVALID_ARGUMENT', () => checkUnits(given, all))).message).toMatch(message);
});

test('a metric may be called like what every object has', () => {
  const units = checkUnits(undefined, new Map([['constructor', of()]]));
  expect(constraintText({ metric: 'constructor', max: 1 }, units)).toBe('constructor<=1');
});

test('limits are shown with it, and what breaks one', () => {
  expect(withUnit('3', 'ms')).toBe('3 ms');
  expect(withUnit('3', undefined)).toBe('3');
  const both = { metric: 'latency', min: 1, max: 2 };
  expect(constraintText(both, { latency: 'ms' })).toBe('latency>=1 ms, latency<=2 ms');
  const known = new KnownMetrics(metrics, [both], [], { latency: 'ms' });
  expect(known.brokenBy({ latency: 2.5 })).toBe('latency>=1 ms, latency<=2 ms, measured 2.5');
});
