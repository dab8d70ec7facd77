import { inFlags } from '../../../src/cli/flags.js';

test.each([
  ['options.count: expected 3', '--count: expected 3'],
  ['options.budgetMs: expected 3', '--budget-ms: expected 3'],
  ['options.units.latency: expected ms', '--unit.latency: expected ms'],
  ['options.constraints on a: expected min at most max', '--constraint on a: expected min at most max'],
  ['options.pool[3]: expected genes', '--pool[3]: expected genes'],
  ['options.onTrial: expected a function', 'options.onTrial: expected a function'],
  ['given options.count', 'given --count'],
])('%s', (message, said) => {
  const flags = new Set(['--count', '--budget-ms', '--unit', '--constraint', '--pool']);
  expect(inFlags(message, flags)).toBe(said);
});
