// What several queries at once save in time and cost in queries, with simulated training times: on Digits-201, or with
// --table on CIFAR-10 and CIFAR-100 of NAS-Bench-201.
//   node bench/parallel.mjs [--table nasbench201.csv] [--seeds 30] [--queries 100] [--workers 1,2,4,8] [--out FILE] [--traces]
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { digits201Oracle, spaces, Study, tabularOracle } from '../dist/index.js';
import bootstrap from '../dist/compare/statistics/bootstrap.js';
import processes from '../dist/search/process.js';
import quantiles from '../dist/statistics/quantile.js';
import { describe } from './machine.mjs';
import { simulate } from './simulate.mjs';

const { quantile } = quantiles;
const { Process } = processes;
/** One training of so many stalls, and takes so many times as long. */
const STALLED = { of: 20, times: 5 };

const { values: flags } = parseArgs({
  options: {
    table: { type: 'string' },
    seeds: { type: 'string', default: '30' },
    queries: { type: 'string', default: '100' },
    workers: { type: 'string', default: '1,2,4,8' },
    out: { type: 'string' },
    traces: { type: 'boolean', default: false },
  },
});
const [seeds, queries] = [flags.seeds, flags.queries].map(Number);
const counts = flags.workers.split(',').map(Number);
if (![seeds, queries, ...counts].every((n) => Number.isInteger(n) && n > 0) || counts[0] !== 1) {
  console.error('bench parallel: expected whole numbers above 0, of workers 1 first: all is compared with one');
  process.exit(2);
}

/** The cells of Digits-201 are those of NAS-Bench-201, and how long each was really trained is in its table. */
const trained = await digits201Oracle({ metrics: ['train_seconds'] });
const measured = trained.values('train_seconds');
// Nothing leads through some cells, whose training took no time there; elsewhere one does.
const shortest = measured.filter((value) => value > 0).reduce((a, b) => Math.min(a, b));
const seconds = measured.map((value) => Math.max(value, shortest));
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const meanSeconds = mean(seconds);
const variation = Math.sqrt(mean(seconds.map((value) => (value / meanSeconds - 1) ** 2)));

/** In trainings of mean length, so that only how they differ counts. */
const measuredTime = ({ architecture }) =>
  Math.max(trained.value(architecture, 'train_seconds'), shortest) / meanSeconds;
/** A function of seed and trial: the same number of the search stalls, whatever is asked then. */
const stalls = (study, { id }) => study.seedOf(id) / 2 ** 53 < 1 / STALLED.of;
const clocks = {
  measured: () => measuredTime,
  stragglers: (study) => (trial) => measuredTime(trial) * (stalls(study, trial) ? STALLED.times : 1),
};

const tasks =
  flags.table === undefined
    ? [['Digits-201', spaces.digits201(), 'val_acc', await digits201Oracle({ metrics: ['val_acc'] })]]
    : await Promise.all(
        [
          ['NAS-Bench-201 CIFAR-10', 'cifar10_valid_val'],
          ['NAS-Bench-201 CIFAR-100', 'cifar100_val'],
        ].map(async ([name, metric]) => {
          const space = spaces.nasbench201();
          return [name, space, metric, await tabularOracle(flags.table, space, { metrics: [metric] })];
        }),
      );

/** One search: what it found by when, and how busy its workers were. */
async function search([, space, metric, oracle], clock, workers, mode, seed) {
  const study = await Study.open({ space, objectives: [{ metric, goal: 'maximize' }], seed, threads: 1 });
  const answers = await simulate(study, { workers, mode, queries, oracle, duration: clocks[clock](study) });
  const { isa, timings } = study;
  study.close();
  const at = answers.findIndex(({ metrics }) => metrics[metric] >= oracle.best(metric, 'maximize'));
  const time = answers.at(-1).end;
  const busy = answers.reduce((sum, { start, end }) => sum + end - start, 0);
  return {
    queriesToBest: at < 0 ? Infinity : at + 1,
    timeToBest: at < 0 ? Infinity : answers[at].end,
    best: Math.max(...answers.map(({ metrics }) => metrics[metric])),
    time,
    utilisation: busy / (workers * time),
    searchMs: (timings.fitMs + timings.climbMs + timings.acquireMs) / answers.length,
    isa,
    answers,
  };
}

/** Ratio of the medians of two lists, one value a seed each, with its 95 % bootstrap interval over the seeds. */
function ratio(above, below) {
  const of = (pick) => quantile(pick(above), 0.5) / quantile(pick(below), 0.5);
  const resampled = bootstrap.resamplesOf(seeds).map((at) => of((values) => Array.from(at, (i) => values[i])));
  const known = resampled.filter((value) => !Number.isNaN(value)); // neither found the best
  return [of((values) => values), quantile(known, 0.025), quantile(known, 0.975)];
}

const { imagine } = Process.prototype;
/**
 * What a search takes a query for that is pending, or was picked before for the same batch: the one setting that it has, and
 * two to see what that is worth.  What is pending is asked only once in any case.
 */
const imagined = {
  expected: imagine,
  nothing: () => Promise.resolve(),
  worst(genes, targets) {
    const least = Math.min(...this.imagined.targets);
    return imagine.call(this, genes, new Float32Array(targets.length).fill(least));
  },
};

/** All seeds of one setting, and its row of the table. */
async function measure(task, clock, workers, mode, pending, alone) {
  Process.prototype.imagine = imagined[pending];
  const runs = [];
  for (let seed = 1; seed <= seeds; ++seed) runs.push(await search(task, clock, workers, mode, seed));
  const of = (key) => runs.map((run) => run[key]);
  const base = alone ?? of;
  const each = ['queriesToBest', 'timeToBest', 'best', 'time', 'utilisation'];
  const row = {
    ...{ task: task[0], clock, workers, mode, pending },
    reached: of('queriesToBest').filter(Number.isFinite).length,
    queriesToBest: quantile(of('queriesToBest'), 0.5),
    queriesRatio: ratio(of('queriesToBest'), base('queriesToBest')),
    best: mean(of('best')),
    time: quantile(of('time'), 0.5),
    speedUp: ratio(base('time'), of('time')),
    timeToBest: quantile(of('timeToBest'), 0.5),
    speedUpToBest: ratio(base('timeToBest'), of('timeToBest')),
    utilisation: mean(of('utilisation')),
    searchMs: mean(of('searchMs')),
    seeds: Object.fromEntries(each.map((key) => [key, of(key)])),
    ...(flags.traces && { traces: of('answers') }),
  };
  return { row, of };
}

const titles = ['task, times', 'at once', 'reach the best', 'median query', 'times as many', 'mean best', 'workers busy', 'time of all', 'times as fast', 'time to the best', 'times as fast', 'search, ms a query']; // prettier-ignore
const number = (value, digits) => (Number.isFinite(value) ? value.toFixed(digits) : '–');
const interval = ([value, low, high]) => number(value, 2) + (Number.isFinite(value) ? ` (${number(low, 2)} to ${number(high, 2)})` : ''); // prettier-ignore
const how = ({ workers, mode, pending }) => `${workers}${workers > 1 ? `, ${mode}` : ''}${pending === 'expected' ? '' : `, ${pending} imagined`}`; // prettier-ignore

function show(row) {
  const cells = [
    `${row.task}, ${row.clock}`,
    how(row),
    `${row.reached} of ${seeds}`,
    number(row.queriesToBest, 1),
    interval(row.queriesRatio),
    row.best.toFixed(3),
    `${(100 * row.utilisation).toFixed(0)} %`,
    number(row.time, 1),
    interval(row.speedUp),
    number(row.timeToBest, 1),
    interval(row.speedUpToBest),
    row.searchMs.toFixed(1),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

console.log(`${queries} queries, ${seeds} seeds; times in trainings of mean length, coefficient of variation ${variation.toFixed(2)}; stragglers: one of ${STALLED.of} takes ${STALLED.times} times as long\n`); // prettier-ignore
console.log(`| ${titles.join(' | ')} |`);
console.log(`${'| --- '.repeat(titles.length)}|`);
const rows = [];
let isa;
for (const task of tasks) {
  for (const clock of Object.keys(clocks)) {
    let alone;
    for (const workers of counts) {
      // Alone nothing is pending, and both modes are the same.
      const most = workers > 1 && workers === counts.at(-1);
      for (const pending of most ? Object.keys(imagined) : ['expected']) {
        for (const mode of workers > 1 || flags.traces ? ['ordered', 'async'] : ['ordered']) {
          const { row, of } = await measure(task, clock, workers, mode, pending, alone);
          alone ??= of;
          isa = of('isa')[0];
          show(row);
          rows.push(row);
        }
      }
    }
  }
}

if (flags.out !== undefined) {
  const head = { schema: 1, ...describe(isa), queries, seeds, variation, stalled: STALLED };
  // As text of few lines, what was not found being null.
  const lines = rows.map((row) => `\n  ${JSON.stringify(row, rounded)}`);
  writeFileSync(flags.out, `${JSON.stringify(head, rounded, 1).slice(0, -2)},\n "rows": [${lines}\n ]\n}\n`);
}

/** Traces are exact, figures have seven digits. */
function rounded(_key, value) {
  return typeof value === 'number' && !flags.traces ? Number(value.toPrecision(7)) : value;
}
