import { digits201Oracle } from '../../../src/oracle/embedded.js';
import type { TabularOracle } from '../../../src/oracle/table.js';
import { spaces } from '../../../src/space/index.js';
import { Study } from '../../../src/study/study.js';

const space = spaces.digits201();
let table: TabularOracle;
beforeAll(async () => {
  table = await digits201Oracle({ metrics: ['val_acc'] });
});

/** Mean over seeds of the best of 60 queries. */
async function meanBest(method: string, seeds: number): Promise<number> {
  let sum = 0;
  for (let seed = 1; seed <= seeds; ++seed) {
    const study = await Study.open({
      space,
      objectives: [{ metric: 'val_acc', goal: 'maximize' }],
      seed,
      method,
      threads: 1,
    });
    await study.run({ oracle: table, queries: 60 });
    expect(study.queries).toBe(60);
    sum += study.best!.metrics!['val_acc']!;
    study.close();
  }
  return sum / seeds;
}

test.each([
  ['evolution', 20],
  ['tpe', 20],
  ['local-search', 20],
  ['bananas', 4],
])('%s beats random search on Digits-201', async (method, seeds) => {
  expect(await meanBest(method, seeds)).toBeGreaterThan((await meanBest('random', 20)) + 0.2);
});
