import { abortError, checkInteger, checkName, OptiProxyError, printable, throwIfAborted } from '../../src/errors.js';
import { errorOf } from '../support/errors.js';

test('one line: the thing, what was expected, what was given, a hint', () => {
  const error = new OptiProxyError('INVALID_ARGUMENT', {
    what: '--seed',
    expected: 'a number',
    given: 'x',
    hint: 'try 1',
  });
  expect(error.message).toBe('--seed: expected a number, given "x" (hint: try 1)');
  expect(error).toMatchObject({ name: 'OptiProxyError', code: 'INVALID_ARGUMENT', what: '--seed', hint: 'try 1' });
  expect(error).toBeInstanceOf(Error);
  expect(new OptiProxyError('BUSY', { what: 'ask' }).message).toBe('ask');
  expect(new OptiProxyError('BUSY', { what: 'ask', given: 3 }).message).toBe('ask: given 3');
});

test('names with what a terminal would obey, or that fill screens, stay a line that can be read', () => {
  const of = (what: string): string => new OptiProxyError('INVALID_ARGUMENT', { what, expected: 'a name' }).message;
  expect(of('cells.\u001b[2J\0\u009b1m')).toBe('cells.\\u001b[2J\\u0000\\u009b1m: expected a name');
  expect(of('first\r\n  second\u2028third')).toBe('first second third: expected a name');
  expect(of('two  spaces')).toBe('two  spaces: expected a name');
  expect(of('a'.repeat(1900))).toMatch(/^a+: expected a name$/);
  expect(of('a'.repeat(1e6))).toMatch(/^a{1997}\.\.\.$/);
});

test.each<[unknown, string]>([
  ['a\nb', '"a\\nb"'],
  [12n, '12'],
  [null, 'null'],
  [Symbol('s'), 'Symbol(s)'],
  [{ a: [1] }, '{"a":[1]}'],
  [() => 1, 'a function'],
  [new Float64Array(3), 'Float64Array(24 bytes)'],
  ['x'.repeat(200), `"${'x'.repeat(76)}...`],
  ['\u001b[31m\u009b1m\u007f', '"\\u001b[31m\\u009b1m\\u007f"'],
])('printable %#', (value, text) => {
  expect(printable(value)).toBe(text);
});

test('values that JSON refuses are printable too', () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  expect(printable(cycle)).toBe('an object');
  expect(printable({ toJSON: () => undefined })).toBe('an object');
});

test('checkInteger takes the bounds and refuses what is beyond', async () => {
  expect([checkInteger('n', 1, 1, 3), checkInteger('n', 3, 1, 3)]).toEqual([1, 3]);
  for (const value of [0, 4, 1.5, NaN, '2', undefined, 2n]) {
    const error = await errorOf('INVALID_ARGUMENT', () => checkInteger('n', value, 1, 3));
    expect(error.message).toMatch(/^n: expected a whole number from 1 to 3/);
  }
});

test('checkName lists what exists', async () => {
  expect(checkName('pet', 'cat', ['cat', 'dog'])).toBe('cat');
  const error = await errorOf('UNKNOWN_NAME', () => checkName('pet', 'cow', ['cat', 'dog']));
  expect(error.message).toBe('pet: expected one of cat, dog, given "cow"');
});

test('an abort carries the caller’s reason', async () => {
  const signal = AbortSignal.abort('lunch');
  expect(abortError('ask', signal)).toMatchObject({ code: 'ABORTED', message: 'ask was aborted', cause: 'lunch' });
  await errorOf('ABORTED', () => throwIfAborted('ask', signal));
  expect(() => throwIfAborted('ask', undefined)).not.toThrow();
});
