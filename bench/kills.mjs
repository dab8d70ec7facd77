// Searches that are killed at random moments, until they are done: whether a result that was told is ever lost, and whether
// each ends with the trace of the search that nobody killed.
//   node bench/kills.mjs [--kills 500] [--seed 1]
//   node bench/kills.mjs --searches 500    each is killed once, and goes on to its end
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import Sqlite from 'better-sqlite3';
import optiproxy from '../dist/index.js';

const { digits201Oracle, spaces, Study } = optiproxy;
const script = fileURLToPath(import.meta.url);

/** What is searched for, in turn: every kind of state that a method has. */
const objectives = [{ metric: 'val_acc', goal: 'maximize' }];
const two = [...objectives, { metric: 'flops', goal: 'minimize' }];
const settings = [
  { objectives },
  { objectives, preset: 'networks' },
  { objectives, method: 'local-search' },
  { objectives, method: 'evolution' },
  { objectives, method: 'tpe' },
  { objectives, method: 'bananas' },
  { objectives: two },
  { objectives, constraints: [{ metric: 'flops', max: 100_000 }] },
  { objectives, fidelity: { epochs: 1, fullEpochs: 12, metric: 'test_acc' } },
  // Answers arrive in another order than that in which they count.
  { objectives, batch: 4, concurrency: 4 },
];
const QUERIES = 60;
/** Seeds of each setting in searches that are killed once: what they must come to is found once. */
const SEEDS = 5;

/** Searches to the end; writes down what was told, once it was. */
async function search({ concurrency = 1, ...setting }, seed, storage, log) {
  const table = await digits201Oracle({ metrics: ['val_acc', 'test_acc', 'flops'] });
  const study = await Study.open({
    space: spaces.digits201(),
    seed,
    threads: 1,
    ...setting,
    ...(storage && { storage }),
  });
  // A training takes a moment, now and then none.
  const oracle = async (architecture, context) => {
    if (storage !== undefined || concurrency > 1) await setTimeout(context.seed % 7);
    return table(architecture);
  };
  const onTrial = log === undefined ? undefined : ({ id }) => appendFileSync(log, `${id}\n`);
  await study.run({ oracle, queries: QUERIES, concurrency, onTrial });
  const trace = study.trace();
  study.close();
  return trace;
}

/** What was told by the log and is not in the file. */
function lost(file, log) {
  if (!existsSync(log)) return 0;
  const ids = readFileSync(log, 'utf8').split('\n').filter((line) => line !== '').map(Number); // prettier-ignore
  const db = new Sqlite(file, { readonly: true });
  const complete = new Set(db.prepare("SELECT id FROM trials WHERE state = 'complete'").pluck().all());
  if (db.pragma('integrity_check', { simple: true }) !== 'ok') throw new Error(`${file}: damaged`);
  db.close();
  return ids.filter((id) => !complete.has(id)).length;
}

/** Runs a search until it is done, killed up to `most` times; its trace, or undefined where it was never killed. */
async function killed(folder, turn, place, seed, most, next, total) {
  const [file, log] = ['db', 'log'].map((end) => path.join(folder, `${turn}.${end}`));
  let kills = 0;
  for (;;) {
    const child = spawn(process.execPath, [script, '--child', String(place), String(seed), file, log], { stdio: ['ignore', 'pipe', 'inherit'] }); // prettier-ignore
    let trace = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (trace += text));
    const wait = most === 1 ? 150 + 1500 * next() : 120 + 700 * next();
    if (kills < most) void setTimeout(wait).then(() => child.kill('SIGKILL')); // of one that has ended nothing
    const [status, signal] = await once(child, 'close');
    if (status !== 0 && signal !== 'SIGKILL') throw new Error(`search ${turn}: status ${status}`);
    kills += Number(signal === 'SIGKILL');
    if (existsSync(file)) total.lost += lost(file, log);
    if (status !== 0) continue;
    total.kills += kills;
    return kills === 0 ? undefined : trace;
  }
}

async function main() {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '500' },
      searches: { type: 'string' },
      seed: { type: 'string', default: '1' },
    },
  });
  const { searches } = values;
  let random = Number(values.seed);
  const next = () => (random = (random * 48271) % 2147483647) / 2147483647;
  const folder = mkdtempSync(path.join(tmpdir(), 'optiproxy-kills-'));
  const total = { kills: 0, searches: 0, identical: 0, lost: 0 };
  const done = () =>
    searches === undefined ? total.kills >= Number(values.kills) : total.searches >= Number(searches);
  const whole = new Map();
  try {
    for (let turn = 0; !done(); ++turn) {
      const place = turn % settings.length;
      const seed = searches === undefined ? 1 + turn : 1 + (Math.floor(turn / settings.length) % SEEDS);
      const trace = await killed(folder, turn, place, seed, searches === undefined ? Infinity : 1, next, total);
      if (trace === undefined) continue;
      const name = `${place} ${seed}`;
      if (!whole.has(name)) whole.set(name, JSON.stringify(await search(settings[place], seed)));
      total.searches += 1;
      total.identical += Number(trace === whole.get(name));
      console.log(`${turn}: ${JSON.stringify(settings[place])}, ${total.kills} kills, ${total.lost} told and lost, ${total.identical} of ${total.searches} traces identical`); // prettier-ignore
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  process.exitCode = total.lost === 0 && total.identical === total.searches ? 0 : 1;
}

if (process.argv[2] === '--child') {
  const [place, seed, file, log] = process.argv.slice(3);
  process.stdout.write(JSON.stringify(await search(settings[Number(place)], Number(seed), file, log)));
} else await main();
