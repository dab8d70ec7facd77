import { existsSync } from 'node:fs';
import path from 'node:path';
import { tabularOracle, type TableOptions } from '../../../src/oracle/table.js';
import { spaceByName } from '../../../src/space/index.js';
import { errorOf } from '../../support/errors.js';

const shared = path.join(__dirname, '..', '..', '..', '..', 'shared', 'data');

// The same paths on small tables: table-formats.test.ts.
test.each<[string, string, TableOptions, { rows: number; metric: string; best: number }]>([
  ['nasbench201.csv', 'nasbench201', {}, { rows: 15_625, metric: 'cifar10_valid_val', best: 91.606667 }],
  ['nasbench201_hw.csv.gz', 'nasbench201', {}, { rows: 15_625, metric: 'cifar10_edgegpu_latency', best: 11.6927 }],
  [
    'nasbench101_sample.csv.gz',
    'nasbench101',
    { key: ['adjacency_upper', 'ops'], metrics: ['val_108ep'] },
    { rows: 30_001, metric: 'val_108ep', best: 0.949119 },
  ],
  [
    'nasbench301_sample.csv',
    'nasbench301',
    { key: ['normal', 'reduce'], metrics: ['val_acc_xgb_v1'] },
    { rows: 1218, metric: 'val_acc_xgb_v1', best: 94.488883 },
  ],
  ['nasbench_macro.csv', 'nasbench-macro', {}, { rows: 6561, metric: 'mean_acc', best: 93.1267 }],
  ['transnasbench101_micro.csv', 'transnasbench101-micro', {}, { rows: 4096, metric: 'val_jigsaw', best: 95.372215 }],
  ['transnasbench101_macro.csv', 'transnasbench101-macro', {}, { rows: 3256, metric: 'val_jigsaw', best: 97.01931 }],
])('%s', async (name, id, options, { rows, metric, best }) => {
  const file = path.join(shared, name);
  if (!existsSync(file)) return console.log(`skipped: no table ${file}`);
  const space = spaceByName(id);
  const oracle = await tabularOracle(file, space, options);
  expect([oracle.rows, oracle.skipped]).toEqual([rows, 0]);
  expect(oracle.best(metric, 'maximize')).toBeCloseTo(best, 6);
  const genes = oracle.architectures();
  const width = genes.length / rows;
  expect(oracle.value(space.format(genes.subarray(0, width)), metric)).toEqual(expect.any(Number));
});

test('NAS-Bench-NLP: recipes that differ in the names of nodes only are one architecture', async () => {
  const file = path.join(shared, 'nasbench_nlp_wikitext2.json');
  if (!existsSync(file)) return console.log(`skipped: no table ${file}`);
  const options = { key: 'recipe', metrics: ['val_loss_best'] };
  const space = spaceByName('nasbench-nlp');
  await errorOf('INVALID_TABLE', () => tabularOracle(file, space, { ...options, missing: 'skip' }));
  const oracle = await tabularOracle(file, space, { ...options, missing: 'skip', repeated: 'mean' });
  expect(oracle.skipped).toBe(2);
  expect(oracle.rows).toBeGreaterThan(200);
  expect(oracle.rows).toBeLessThanOrEqual(290); // distinct texts
  expect(oracle.best('val_loss_best', 'minimize')).toBe(4.5676);
});
