import { OptiProxyError } from '../errors.js';
import type { TabularOracle } from '../oracle/table.js';
import type { SearchSpace } from '../space/types.js';
import type { Oracle } from '../study/types.js';

/**
 * All that a search is told: these metrics of an architecture that it queries.  No other, no more architectures than
 * the budget, none twice (by the space's rule), and nothing about the table as a whole.  What breaks this rejects with
 * `ORACLE_FAILED`, and so ends the run.
 */
export function guardedOracle(
  space: SearchSpace,
  table: Pick<TabularOracle, 'value' | 'file'>,
  metrics: readonly string[],
  budget: number,
): Oracle {
  const asked = new Set<string>();
  return async (architecture) => {
    const key = Buffer.from(space.keys(space.parse(architecture))).toString('hex');
    if (asked.size >= budget) throw refusal(`at most ${budget} queries`, 'one more');
    if (asked.has(key)) throw refusal('each architecture once', `${architecture} again`);
    asked.add(key);
    const values = metrics.map((metric) => [metric, table.value(architecture, metric)] as const);
    if (values.every((entry): entry is [string, number] => entry[1] !== undefined)) return Object.fromEntries(values);
    throw new OptiProxyError('ORACLE_FAILED', {
      what: table.file,
      expected: 'a row for every architecture that is asked',
      given: architecture,
      hint: '--pool table asks for those of the table alone',
    });
  };
}

function refusal(expected: string, given: string): OptiProxyError {
  return new OptiProxyError('ORACLE_FAILED', { what: 'guard of the comparison', expected, given });
}
