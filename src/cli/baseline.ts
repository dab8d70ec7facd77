import type { Permitted } from '../baselines/permitted.js';
import { History } from '../baselines/history.js';
import type { TabularOracle } from '../oracle/table.js';
import { deriveSeed, SeedLane } from '../random.js';
import type { TableFacts } from '../report/summary.js';
import { createMethod } from '../search/methods.js';
import { validGenes } from '../space/explore.js';
import { geneCount, keepGenes } from '../space/genes.js';
import type { SearchSpace } from '../space/types.js';
import type { Study } from '../study/study.js';

/** Repetitions of random search in the summary; fewer where that many draws would keep the user waiting. */
const RANDOM_SEEDS = 100;
const RANDOM_DRAWS = 200_000;
/** Part of a pool that is drawn at most before it is made anew. */
const POOL_PART = 4;

/** What a table says about a finished search; undefined if nothing was found. */
export async function tableFacts(
  study: Study,
  table: TabularOracle,
  space: SearchSpace,
  pool: Uint8Array | undefined,
  admits?: Permitted['admits'],
): Promise<TableFacts | undefined> {
  const { metric, goal } = study.objective;
  const value = study.best?.metrics?.[metric];
  // Of several objectives no one number says how good the front is.
  if (value === undefined || study.objectives.length > 1) return undefined;
  // Where the table does not have every architecture, random search is one among those that it has.
  // A table may hold what breaks a constraint of the space.
  const known = pool ?? (table.rows < space.size ? validGenes(space, table.architectures()) : undefined);
  const only =
    admits === undefined ? known : await feasibleOnly(space, known ?? validGenes(space, table.architectures()), admits);
  const queries = Math.max(1, Math.floor(study.spent));
  const randomSeeds = Math.max(1, Math.min(RANDOM_SEEDS, Math.floor(RANDOM_DRAWS / queries)));
  return {
    metric,
    rank: table.rank(metric, goal, value),
    rows: table.rows,
    randomMean: await randomMean(study, table, space, only, queries, randomSeeds),
    randomSeeds,
  };
}

/**
 * Mean over seeds of the best objective that random search finds in the table with as many queries; undefined if it finds
 * none there.  To make a pool takes a second for half a million architectures, so one serves several seeds, each of which
 * goes on with what the ones before did not draw.
 */
async function randomMean(
  study: Study,
  table: TabularOracle,
  space: SearchSpace,
  only: Uint8Array | undefined,
  queries: number,
  seeds: number,
): Promise<number | undefined> {
  const { metric, goal } = study.objective;
  const bests: number[] = [];
  const rows = only === undefined ? 0 : only.length / space.program.genes.length;
  const turns = Math.max(1, Math.floor(rows / POOL_PART / queries));
  for (let i = 0; i < seeds; i += turns) {
    const seed = deriveSeed(study.seed, SeedLane.Baseline, i);
    const { method } = createMethod('random', space, { metric, seed, threads: 1, permitted: { only } });
    for (let turn = 0; turn < Math.min(turns, seeds - i); ++turn) {
      const drawn = await method.propose(queries, new History(space));
      const values = drawn.map(({ genes }) => table.value(space.format(genes), metric)).filter((v) => v !== undefined);
      if (values.length > 0)
        bests.push(values.reduce((a, b) => (goal === 'maximize' ? Math.max(a, b) : Math.min(a, b))));
    }
    method.close();
  }
  return bests.length === 0 ? undefined : bests.reduce((sum, v) => sum + v, 0) / bests.length;
}

async function feasibleOnly(
  space: SearchSpace,
  genes: Uint8Array,
  admits: NonNullable<Permitted['admits']>,
): Promise<Uint8Array> {
  const width = geneCount(space.program);
  const verdicts = await admits(genes, genes.length / width);
  return keepGenes(genes, width, (place) => verdicts[place] === 1);
}
