// How good is what a search finds on each space that has a table here?  Methods beside each other, the same seeds and
// queries for all, in this process, one thread.
//
//   node bench/spaces.mjs --tables FOLDER                 every table that is there; Digits-201 ships in the package
//   node bench/spaces.mjs --tables FOLDER --only macro --methods optiproxy,random --seeds 20 --queries 100
//
// Prints a Markdown table; --out FILE writes it as JSON too.  A partial table is a pool: only its architectures can be
// queried.
import { existsSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './machine.mjs';
import { median } from './stats.mjs';

const { values } = parseArgs({
  options: {
    tables: { type: 'string', default: '' },
    only: { type: 'string', default: '' },
    methods: { type: 'string', default: 'optiproxy,local-search,random' },
    preset: { type: 'string', default: 'default' },
    queries: { type: 'string', default: '100' },
    seeds: { type: 'string', default: '20' },
    first: { type: 'string', default: '1' },
    out: { type: 'string' },
  },
});

const { spaceByName, Study, tabularOracle } = await import('../dist/index.mjs');

/** [space, table, metric, goal, options of the table, whether the table is a pool] */
const tasks = [
  ['digits201', path.join(root, 'data/digits201.csv.gz'), 'val_acc', 'maximize', {}],
  ['nasbench201', 'nasbench201.csv', 'cifar10_valid_val', 'maximize', {}],
  ['nasbench201', 'nasbench201.csv', 'cifar100_val', 'maximize', {}],
  ['nasbench-macro', 'nasbench_macro.csv', 'mean_acc', 'maximize', {}],
  ...['class_scene', 'class_object', 'jigsaw', 'segmentsemantic'].flatMap((task) =>
    ['micro', 'macro'].map((kind) => [
      `transnasbench101-${kind}`,
      `transnasbench101_${kind}.csv`,
      `val_${task}`,
      'maximize',
      {},
    ]),
  ),
  ['nasbench101', 'nasbench101_sample.csv.gz', 'val_108ep', 'maximize', { key: ['adjacency_upper', 'ops'] }, true],
  ['nasbench301', 'nasbench301_sample.csv', 'val_acc_xgb_v1', 'maximize', { key: ['normal', 'reduce'] }, true],
  [
    'nasbench-nlp',
    'nasbench_nlp_wikitext2.json',
    'val_loss_best',
    'minimize',
    { key: 'recipe', missing: 'skip', repeated: 'mean' },
    true,
  ],
];

async function searchOnce(space, table, metric, goal, pool, method, seed) {
  const study = await Study.open({
    space,
    objectives: [{ metric, goal }],
    seed,
    method,
    preset: values.preset,
    threads: 1,
    ...(pool ? { pool: table.architectures() } : {}),
  });
  const start = performance.now();
  await study.run({ oracle: table, queries: Number(values.queries) });
  const seconds = (performance.now() - start) / 1000;
  const best = study.best.metrics[metric];
  const target = table.best(metric, goal);
  const reached = study.trace().find((entry) => Math.abs(entry.best - target) < 1e-9)?.query ?? Infinity;
  study.close();
  return { best, reached, rank: table.rank(metric, goal, best), seconds };
}

const mean = (numbers) => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;
const results = [];
console.log(
  '| space, metric | method | mean best (best there is) | mean rank | reach the best | median query | seconds |',
);
console.log('| --- | --- | --- | --- | --- | --- | --- |');
for (const [id, file, metric, goal, options, pool = false] of tasks) {
  const full = path.resolve(values.tables, file);
  if (!`${id} ${metric}`.includes(values.only)) continue;
  if (!existsSync(full)) {
    console.log(`skipped: no table ${file}`);
    continue;
  }
  const space = spaceByName(id);
  const table = await tabularOracle(full, space, { metrics: [metric], ...options });
  for (const method of values.methods.split(',')) {
    const runs = [];
    for (let i = 0; i < Number(values.seeds); ++i)
      runs.push(await searchOnce(space, table, metric, goal, pool, method, Number(values.first) + i));
    const hits = runs.filter(({ reached }) => Number.isFinite(reached)).length;
    const middle = median(runs.map(({ reached }) => reached));
    const row = {
      space: id,
      metric,
      rows: table.rows,
      pool,
      method,
      meanBest: mean(runs.map(({ best }) => best)),
      target: table.best(metric, goal),
      meanRank: mean(runs.map(({ rank }) => rank)),
      hits,
      seeds: runs.length,
      medianQuery: Number.isFinite(middle) ? middle : null,
      seconds: mean(runs.map(({ seconds }) => seconds)),
    };
    results.push(row);
    console.log(
      `| ${id}${pool ? ` (pool of ${table.rows})` : ''}, ${metric} | ${method} | ${row.meanBest.toFixed(4)} (${row.target.toFixed(4)}) | ${row.meanRank.toFixed(1)} of ${table.rows} | ${hits} of ${runs.length} | ${row.medianQuery ?? '–'} | ${row.seconds.toFixed(2)} |`,
    );
  }
}
if (values.out !== undefined) {
  const machine = { cpu: cpus()[0].model, node: process.version };
  writeFileSync(values.out, `${JSON.stringify({ options: values, machine, results }, null, 2)}\n`);
}
