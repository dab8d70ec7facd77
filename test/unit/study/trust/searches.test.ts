import { existsSync } from 'node:fs';
import path from 'node:path';
import { digits201Oracle } from '../../../../src/oracle/embedded.js';
import { tabularOracle } from '../../../../src/oracle/table.js';
import { spaces } from '../../../../src/space/index.js';
import type { SearchSpace } from '../../../../src/space/types.js';
import { Study } from '../../../../src/study/study.js';
import type { Oracle, Warning } from '../../../../src/study/types.js';
import { gaussian } from '../../../support/uniform.js';

/** Every warning of whole searches, each with its seed. */
async function warned(
  space: SearchSpace,
  metric: string,
  oracleOf: (seed: number) => Oracle,
  { seeds, queries, ...options }: { seeds: number; queries: number; batch?: number; method?: string },
): Promise<(Warning & { seed: number })[]> {
  const all: (Warning & { seed: number })[] = [];
  for (let seed = 1; seed <= seeds; ++seed) {
    const objectives = [{ metric, goal: 'maximize' as const }];
    const study = await Study.open({ space, objectives, seed, threads: 1, ...options });
    await study.run({ oracle: oracleOf(seed), queries });
    all.push(...study.warnings.map((warning) => ({ ...warning, seed })));
    study.close();
  }
  return all;
}
const digits = spaces.digits201();

test.each([1, 3, 10])(
  'ordinary searches of Digits-201, %d a round: no warning',
  async (batch) => {
    const oracle = await digits201Oracle({ metrics: ['val_acc'] });
    const plan = { seeds: 3, queries: batch === 1 ? 40 : 80, batch };
    expect(await warned(digits, 'val_acc', () => oracle, plan)).toEqual([]);
  },
  120_000,
);

const table = path.join(__dirname, '..', '..', '..', '..', '..', 'shared', 'data', 'nasbench201.csv');
const present = existsSync(table);
if (!present) console.log(`skipped: no table ${table}`);

(present ? test : test.skip).each(['cifar10_valid_val', 'cifar100_val'])(
  'ordinary searches of NAS-Bench-201, %s: no warning',
  async (metric) => {
    const space = spaces.nasbench201();
    const oracle = await tabularOracle(table, space, { metrics: [metric] });
    expect(await warned(space, metric, () => oracle, { seeds: 2, queries: 80 })).toEqual([]);
  },
  120_000,
);

test('an oracle of noise: the proxy predicts nothing', async () => {
  const noise = (seed: number): Oracle => {
    const next = gaussian(seed);
    return () => ({ acc: next() });
  };
  const all = await warned(digits, 'acc', noise, { seeds: 3, queries: 80 });
  const gaps = all.filter(({ code }) => code === 'PROXY_GAP');
  // Of 80 queries nearly every search shows it; another instruction set may be lucky once.
  expect(new Set(gaps.map(({ seed }) => seed)).size).toBeGreaterThanOrEqual(2);
  expect(gaps[0]!.message).toMatch(/the last 20 answers Kendall's tau is -?0\.\d\d, and what it chose beats the first samples in \d+ % of all pairs$/); // prettier-ignore
}, 120_000);

// The default doubts itself enough to hold its intervals all the same.
test('an objective that gets worse with every query: an ensemble alone expects too much', async () => {
  const oracle = await digits201Oracle({ metrics: ['val_acc'] });
  const worsening = (): Oracle => {
    let queries = 0;
    return async (architecture) => {
      const { val_acc } = await oracle(architecture);
      return { acc: val_acc! - 0.3 * ++queries };
    };
  };
  const all = await warned(digits, 'acc', worsening, { seeds: 2, queries: 70, method: 'bananas', batch: 3 });
  const seeds = all.filter(({ code }) => code === 'PROXY_OPTIMISM').map(({ seed }) => seed);
  expect(seeds).toEqual([1, 2]); // once each
}, 120_000);
