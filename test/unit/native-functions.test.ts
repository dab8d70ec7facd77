import { native } from '../../src/native.js';
import { errorOf } from '../support/errors.js';

/** Calls a function of the addon with arguments of any type. */
const call = (name: 'deriveSeed' | 'useErrorClass', ...args: unknown[]): unknown =>
  (native()[name] as (...args: unknown[]) => unknown)(...args);

test('deriveSeed, useErrorClass', async () => {
  const deriveSeed = (...args: [number, number, number]): number => native().deriveSeed(...args);
  for (const wrong of [undefined, null, '1', {}, NaN, 1n, Symbol('s'), -1, 0.5, 2 ** 53]) {
    await errorOf('INVALID_ARGUMENT', () => call('deriveSeed', wrong, 1, 1));
    await errorOf('INVALID_ARGUMENT', () => call('deriveSeed', 1, wrong, 1));
    await errorOf('INVALID_ARGUMENT', () => call('deriveSeed', 1, 1, wrong));
  }
  for (const wrong of [undefined, null, {}, 'Error'])
    await errorOf('INVALID_ARGUMENT', () => call('useErrorClass', wrong));
  const seeds = [deriveSeed(1, 1, 1), deriveSeed(2, 1, 1), deriveSeed(1, 2, 1), deriveSeed(1, 1, 2)];
  expect(new Set(seeds).size).toBe(4);
  expect(seeds.every((seed) => Number.isSafeInteger(seed) && seed >= 0)).toBe(true);
  expect(deriveSeed(1, 1, 1)).toBe(seeds[0]);
});
