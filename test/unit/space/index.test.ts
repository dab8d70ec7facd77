import { spaceByName, spaceNames, spaces } from '../../../src/space/index.js';
import { errorOf } from '../../support/errors.js';

test('every name is a space of that id', () => {
  expect(spaceNames).toEqual(['digits201', 'nasbench201']);
  for (const name of spaceNames) {
    expect(spaceByName(name).id).toBe(name);
    expect(spaceByName(name).description).not.toBe('');
  }
});

test('digits201 has the topology and the strings of NAS-Bench-201', () => {
  const [digits, bench] = [spaces.digits201(), spaces.nasbench201()];
  expect(digits.program).toEqual(bench.program);
  expect(digits.operations).toEqual(bench.operations);
  expect(bench.operations).toEqual(['none', 'skip_connect', 'nor_conv_1x1', 'nor_conv_3x3', 'avg_pool_3x3']);
});

test('an unknown name is refused with the list', async () => {
  const error = await errorOf('UNKNOWN_NAME', () => spaceByName('nasbench', '--space'));
  expect(error.message).toBe('--space: expected one of digits201, nasbench201, given "nasbench"');
  await errorOf('UNKNOWN_NAME', () => spaceByName('toString'));
});
