// How many queries does a search need to reach the best architecture of a table?  One fresh process a seed, one thread.
//
//   node bench/queries.mjs                                                     Digits-201, which ships in the package
//   node bench/queries.mjs --space nasbench201 --table nasbench201.csv --objective cifar10_valid_val --queries 100
//
// Prints one Markdown row; --out FILE also writes every run as JSON.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './machine.mjs';
import { median } from './stats.mjs';

const { values } = parseArgs({
  options: {
    space: { type: 'string', default: 'digits201' },
    table: { type: 'string' },
    objective: { type: 'string', default: 'val_acc' },
    method: { type: 'string', default: 'optiproxy' },
    preset: { type: 'string', default: 'default' },
    queries: { type: 'string', default: '100' },
    seeds: { type: 'string', default: '20' },
    first: { type: 'string', default: '1' },
    target: { type: 'string' },
    out: { type: 'string' },
  },
});

function searchOnce(seed) {
  const { space, table, objective, method, preset, queries } = values;
  const args = ['search', '--space', space, '--objective', objective, '--method', method, '--preset', preset];
  args.push('--queries', queries, '--seed', String(seed), '--threads', '1', '--json', '--quiet');
  if (table !== undefined) args.push('--oracle', `table:${table}`);
  const start = performance.now();
  const result = JSON.parse(
    execFileSync(process.execPath, [path.join(root, 'dist/cli/main.js'), ...args], { encoding: 'utf8' }),
  );
  return { seed, seconds: (performance.now() - start) / 1000, result };
}

async function bestOfTable() {
  const { digits201Oracle, spaces, tabularOracle } = await import('../dist/index.mjs');
  const options = { metrics: [values.objective] };
  const oracle =
    values.table === undefined
      ? await digits201Oracle(options)
      : await tabularOracle(values.table, spaces[values.space](), options);
  return oracle.best(values.objective, 'maximize');
}

const target = values.target === undefined ? await bestOfTable() : Number(values.target);
const runs = [];
for (let i = 0; i < Number(values.seeds); ++i) runs.push(searchOnce(Number(values.first) + i));
// A run that never reaches the target counts as later than every run that does.
const reached = runs.map(({ result }) => result.trace.find(({ best }) => best >= target - 1e-9)?.query ?? Infinity);
const hits = reached.filter(Number.isFinite).length;
const seconds = runs.reduce((sum, run) => sum + run.seconds, 0) / runs.length;
const work = runs.reduce((sum, { result }) => sum + result.timings.totalMs / 1000, 0) / runs.length;
const best = runs.reduce((sum, { result }) => sum + result.trace.at(-1).best, 0) / runs.length;
const method = values.method === 'optiproxy' ? `optiproxy, ${values.preset}` : values.method;
console.log(
  `| ${values.space} ${values.objective} | ${method} | ${hits} of ${runs.length} | ${median(reached)} | ${best.toFixed(3)} of ${target.toFixed(3)} | ${work.toFixed(2)} s | ${seconds.toFixed(2)} s |`,
);
if (values.out !== undefined) {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  writeFileSync(
    values.out,
    `${JSON.stringify({ options: values, target, machine: cpus()[0].model, node: process.version, commit, reached, runs })}\n`,
  );
}
