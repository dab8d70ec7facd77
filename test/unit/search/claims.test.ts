import { existsSync } from 'node:fs';
import path from 'node:path';
import { digits201Oracle } from '../../../src/oracle/embedded.js';
import { tabularOracle, type TabularOracle } from '../../../src/oracle/table.js';
import { spaces } from '../../../src/space/index.js';
import type { SearchSpace } from '../../../src/space/types.js';
import { Study } from '../../../src/study/study.js';

/** Best value of each of these many queries, over seeds. */
async function bests(
  space: SearchSpace,
  oracle: TabularOracle,
  metric: string,
  options: { method?: string; seeds: number; queries: number },
): Promise<{ best: number; query: number }[]> {
  const all = [];
  for (let seed = 1; seed <= options.seeds; ++seed) {
    const { method = 'optiproxy', queries } = options;
    const objectives = [{ metric, goal: 'maximize' as const }];
    const study = await Study.open({ space, objectives, seed, method, threads: 1 });
    await study.run({ oracle, queries });
    all.push({ best: study.best!.metrics![metric]!, query: study.best!.id });
    study.close();
  }
  return all;
}
const mean = (all: readonly { best: number }[]): number => all.reduce((sum, { best }) => sum + best, 0) / all.length;

describe('the default on Digits-201', () => {
  const space = spaces.digits201();
  let oracle: TabularOracle;
  let found: { best: number }[];
  beforeAll(async () => {
    oracle = await digits201Oracle({ metrics: ['val_acc'] });
    found = await bests(space, oracle, 'val_acc', { seeds: 20, queries: 60 });
  });

  test.each([
    ['random', 0.5],
    ['local-search', 0.15],
    ['evolution', 0.15],
    ['tpe', 0.05],
  ])('beats %s by the mean best of 60 queries', async (method, by) => {
    const others = await bests(space, oracle, 'val_acc', { method, seeds: 20, queries: 60 });
    expect(mean(found) - mean(others)).toBeGreaterThan(by);
  });

  test('beats random search in 20 queries', async () => {
    const few = { seeds: 20, queries: 20 };
    const [ours, random] = [await bests(space, oracle, 'val_acc', few), await bests(space, oracle, 'val_acc', { ...few, method: 'random' })]; // prettier-ignore
    expect(mean(ours) - mean(random)).toBeGreaterThan(0.5);
  });
});

const file = path.join(__dirname, '..', '..', '..', '..', 'shared', 'data', 'nasbench201.csv');
const present = existsSync(file);
if (!present) console.log(`skipped: no table ${file}`);

// Of 50 seeds half need 27 queries and nine in ten 43 (docs/spaces.md).
(present ? test : test.skip).each(['cifar10_valid_val', 'cifar100_val'])(
  'the best of NAS-Bench-201, %s, in few queries',
  async (metric) => {
    const space = spaces.nasbench201();
    const oracle = await tabularOracle(file, space, { metrics: [metric] });
    const found = await bests(space, oracle, metric, { seeds: 9, queries: 70 });
    expect(found.filter(({ best }) => best === oracle.best(metric, 'maximize')).length).toBeGreaterThanOrEqual(8);
    const queries = found.map(({ query }) => query).sort((a, b) => a - b);
    expect(queries[4]).toBeLessThanOrEqual(40);
  },
  120_000,
);
