import type { TabularOracle } from '../oracle/table.js';
import { geneCount, keepGenes } from '../space/genes.js';
import type { SearchSpace } from '../space/types.js';
import type { Measurements } from './fit.js';

/** A metric of a table as measurements; those that are `unmeasured`, a number that stands for none, are left out. */
export function measurementsOf(
  table: TabularOracle,
  space: SearchSpace,
  metric: string,
  unmeasured?: number,
): Measurements {
  const all = table.values(metric);
  const values = all.filter((value) => value !== unmeasured);
  return {
    architectures: keepGenes(table.architectures(), geneCount(space.program), (i) => all[i] !== unmeasured),
    values,
    repeated: table.repeated,
    skipped: table.skipped + all.length - values.length,
  };
}
