import { parseObjective } from '../../../src/cli/search.js';
import { errorOf } from '../../support/errors.js';

test.each([
  ['val_acc', 'val_acc', 'maximize'],
  ['val_acc:max', 'val_acc', 'maximize'],
  ['latency:min', 'latency', 'minimize'],
] as const)('%s', (text, metric, goal) => {
  expect(parseObjective(text)).toEqual({ metric, goal });
});

test.each(['', ':max', 'acc:', 'acc:best', 'acc:max:min', 'acc:MAX', ':'])('%j is refused', async (text) => {
  const error = await errorOf('INVALID_ARGUMENT', () => parseObjective(text));
  expect(error.message).toBe(`--objective: expected METRIC, METRIC:max or METRIC:min, given ${JSON.stringify(text)}`);
});
