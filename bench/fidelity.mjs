// What screening at a low fidelity is worth: epochs until the best architecture of the table is found, with and without.
// On Digits-201, and on NAS-Bench-201 and NAS-Bench-101 where their tables are in a folder:
// node bench/fidelity.mjs [seeds] [tables] (npm run build first).
import { existsSync } from 'node:fs';
import path from 'node:path';
import { digits201Oracle, spaces, Study, tabularOracle } from '../dist/index.js';

const seeds = Number(process.argv[2] ?? 20);
const folder = process.argv[3] ?? '.';
const QUERIES = 100;
/** Full trainings' worth at which the best so far is shown. */
const checkpoints = [10, 20, 50, 100];

/** What the table of a file says, of two metrics of it or of one each of two files. */
async function tableTask(name, space, files, metrics, epochs, options = {}) {
  const places = files.map((file) => path.join(folder, file));
  const absent = places.find((file) => !existsSync(file));
  if (absent !== undefined) {
    console.error(`${name}: skipped: no table ${absent}`);
    return [];
  }
  const [full, low] = await Promise.all(
    metrics.map((metric, i) => tabularOracle(places[i] ?? places[0], space, { ...options, metrics: [metric] })),
  );
  const pool = options.key === undefined ? undefined : full.architectures();
  return [{ name, space, full, low, metrics, epochs, pool }];
}

async function digits(epochs) {
  const metrics = ['val_acc', `val_acc_${epochs}ep`];
  const [full, low] = await Promise.all(metrics.map((metric) => digits201Oracle({ metrics: [metric] })));
  return { name: 'Digits-201', space: spaces.digits201(), full, low, metrics, epochs: [epochs, 12] };
}

const cells = spaces.nasbench201();
const files201 = ['nasbench201.csv', 'nasbench201_12epoch.csv'];
const key = ['adjacency_upper', 'ops'];
const sample101 = ['nasbench101_sample.csv.gz'];
const tasks = [
  ...(await tableTask('NAS-Bench-201 CIFAR-10', cells, files201, ['cifar10_valid_val', 'cifar10_valid_val_12ep'], [12, 200])), // prettier-ignore
  ...(await tableTask('NAS-Bench-201 CIFAR-100', cells, files201, ['cifar100_val', 'cifar100_val_12ep'], [12, 200])),
  ...(await tableTask('NAS-Bench-101 pool', spaces.nasbench101(), sample101, ['val_108ep', 'val_12ep'], [12, 108], { key })), // prettier-ignore
  ...(await tableTask('NAS-Bench-101 pool', spaces.nasbench101(), sample101, ['val_108ep', 'val_4ep'], [4, 108], { key })), // prettier-ignore
  ...(await Promise.all([1, 3].map(digits))),
];

/** Full trainings' worth until the best is found (Infinity if it is not), the best by each checkpoint, what was spent. */
async function search({ space, full, low, metrics, epochs, pool }, seed, screens) {
  const [metric] = metrics;
  const study = await Study.open({
    space,
    objectives: [{ metric, goal: 'maximize' }],
    seed,
    threads: 1,
    ...(pool === undefined ? {} : { pool }),
    ...(screens ? { fidelity: { epochs: epochs[0], fullEpochs: epochs[1], metric: metrics[1] } } : {}),
  });
  const target = full.best(metric, 'maximize');
  let found = Infinity;
  const bests = checkpoints.map(() => -Infinity);
  await study.run({
    oracle: (architecture, { budget }) => (budget < 1 ? low : full)(architecture),
    queries: QUERIES,
    onTrial: ({ fidelity, metrics: measured }) => {
      if (fidelity !== undefined) return;
      if (measured[metric] >= target) found = Math.min(found, study.spent);
      checkpoints.forEach((queries, i) => {
        if (study.spent <= queries + 1e-9) bests[i] = Math.max(bests[i], measured[metric]);
      });
    },
  });
  const { queries, screened, timings } = study;
  const overhead = (timings.totalMs - timings.oracleMs) / 1000;
  study.close();
  return { found, bests, queries, screened, overhead };
}

const quantile = (sorted, q) => {
  const place = q * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return high === Infinity ? (low === Infinity || place % 1 > 0 ? Infinity : low) : low + (high - low) * (place % 1);
};
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const number = (value) => (value === Infinity ? '–' : value.toFixed(0));

const titles = ['task', 'epochs of', 'reach the best', 'median', 'p90', ...checkpoints.map((n) => `best of ${n}`), 'queries, screenings', 'overhead, s']; // prettier-ignore
console.log(`| ${titles.join(' | ')} |`);
console.log(`${'| --- '.repeat(titles.length)}|`);
for (const task of tasks) {
  for (const screens of [false, true]) {
    const runs = [];
    for (let seed = 1; seed <= seeds; ++seed) runs.push(await search(task, seed, screens));
    const epochs = runs.map(({ found }) => found * task.epochs[1]).sort((a, b) => a - b);
    const row = [
      task.name,
      screens ? task.epochs.join('/') : `${task.epochs[1]} alone`,
      `${runs.filter(({ found }) => found < Infinity).length} of ${seeds}`,
      number(quantile(epochs, 0.5)),
      number(quantile(epochs, 0.9)),
      ...checkpoints.map((_, i) => mean(runs.map(({ bests }) => bests[i])).toPrecision(6)),
      `${mean(runs.map((run) => run.queries)).toFixed(0)}, ${mean(runs.map((run) => run.screened)).toFixed(0)}`,
      mean(runs.map(({ overhead }) => overhead)).toFixed(1),
    ];
    console.log(`| ${row.join(' | ')} |`);
  }
}
