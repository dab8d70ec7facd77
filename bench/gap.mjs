// The proxy-reality gap over a search: how predictions of what is queried next compare with its results, by when it was
// asked. On Digits-201, 100 queries: node bench/gap.mjs [seeds] (npm run build first).
import { digits201Oracle, spaces, Study } from '../dist/index.js';

const seeds = Number(process.argv[2] ?? 20);
const blocks = [
  [11, 25],
  [26, 50],
  [51, 75],
  [76, 100],
];
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Kendall's tau-a between the two columns of pairs. */
function tau(pairs) {
  let sum = 0;
  for (let i = 0; i < pairs.length; ++i) {
    for (let j = 0; j < i; ++j) sum += Math.sign((pairs[i][0] - pairs[j][0]) * (pairs[i][1] - pairs[j][1]));
  }
  return (2 * sum) / (pairs.length * (pairs.length - 1));
}

const oracle = await digits201Oracle({ metrics: ['val_acc'] });
console.log('| preset | queries | predicted less measured, points | same, absolute | tau | in the interval |');
console.log('| --- | --- | --- | --- | --- | --- |');
for (const preset of ['default', 'networks', 'paper']) {
  const runs = [];
  for (let seed = 1; seed <= seeds; ++seed) {
    const objectives = [{ metric: 'val_acc', goal: 'maximize' }];
    const study = await Study.open({ space: spaces.digits201(), objectives, seed, preset, threads: 1 });
    await study.run({ oracle, queries: 100 });
    runs.push(
      study.trials.map(({ predicted, interval, metrics }) => ({ predicted, interval, value: metrics.val_acc })),
    );
    study.close();
  }
  for (const [first, last] of blocks) {
    const each = runs.map((run) => run.slice(first - 1, last).filter(({ predicted }) => predicted !== undefined));
    const all = each.flat();
    const gaps = all.map(({ predicted, value }) => predicted - value);
    const sure = all.filter(({ interval }) => interval !== undefined);
    const inside = sure.filter(({ interval, value }) => interval[0] <= value && value <= interval[1]);
    const row = [
      preset,
      `${first}-${last}`,
      mean(gaps).toFixed(2),
      mean(gaps.map(Math.abs)).toFixed(2),
      mean(each.map((run) => tau(run.map(({ predicted, value }) => [predicted, value])))).toFixed(2),
      sure.length === 0 ? '–' : `${((100 * inside.length) / sure.length).toFixed(0)} %`,
    ];
    console.log(`| ${row.join(' | ')} |`);
  }
}
