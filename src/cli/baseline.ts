import { History } from '../baselines/history.js';
import { native } from '../native.js';
import type { TabularOracle } from '../oracle/table.js';
import { deriveSeed, SeedLane } from '../random.js';
import type { TableFacts } from '../report/summary.js';
import { createMethod } from '../search/methods.js';
import type { SearchSpace } from '../space/types.js';
import type { Study } from '../study/study.js';

/** Repetitions of random search in the summary; fewer where that many draws, or pools, would keep the user waiting. */
const RANDOM_SEEDS = 100;
const RANDOM_DRAWS = 200_000;
const POOL_ROWS = 2_000_000;

/** What a table says about a finished search; undefined if nothing was found. */
export async function tableFacts(
  study: Study,
  table: TabularOracle,
  space: SearchSpace,
  pool: Uint8Array | undefined,
): Promise<TableFacts | undefined> {
  // Where the table does not have every architecture, random search is one among those that it has.
  const known = pool ?? (table.rows < space.size ? validOnly(space, table.architectures()) : undefined);
  const { metric, goal } = study.objective;
  const value = study.best?.metrics?.[metric];
  if (value === undefined) return undefined;
  const most = Math.min(
    RANDOM_SEEDS,
    RANDOM_DRAWS / study.queries,
    POOL_ROWS / ((known?.length ?? 1) / space.program.genes.length),
  );
  const randomSeeds = Math.max(1, Math.floor(most));
  return {
    metric,
    rank: table.rank(metric, goal, value),
    rows: table.rows,
    randomMean: await randomMean(study, table, space, known, randomSeeds),
    randomSeeds,
  };
}

/** Mean over seeds of the best objective that random search finds in the table with as many queries. */
async function randomMean(
  study: Study,
  table: TabularOracle,
  space: SearchSpace,
  pool: Uint8Array | undefined,
  seeds: number,
): Promise<number> {
  const { metric, goal } = study.objective;
  const bests: number[] = [];
  for (let i = 0; i < seeds; ++i) {
    const seed = deriveSeed(study.seed, SeedLane.Baseline, i);
    const { method } = createMethod('random', space, { metric, seed, threads: 1, pool });
    const drawn = await method.propose(study.queries, new History(space));
    method.close();
    const values = drawn.map(({ genes }) => table.value(space.format(genes), metric)).filter((v) => v !== undefined);
    if (values.length > 0) bests.push(values.reduce((a, b) => (goal === 'maximize' ? Math.max(a, b) : Math.min(a, b))));
  }
  return bests.reduce((sum, v) => sum + v, 0) / bests.length;
}

/** A table may hold what breaks a constraint of the space. */
function validOnly(space: SearchSpace, genes: Uint8Array): Uint8Array {
  const codes = new (native().Space)(space.program).check(genes);
  const width = space.program.genes.length;
  return genes.filter((_, i) => codes[Math.floor(i / width)] === 0);
}
