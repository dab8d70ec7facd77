// Searches that are killed at random moments, until they are done: whether a result that was told is ever lost, and whether
// each ends with the trace of the search that nobody killed.
//   node bench/kills.mjs [--kills 500] [--seed 1]
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
];
const QUERIES = 60;

/** Searches to the end; writes down what was told, once it was. */
async function search(setting, seed, storage, log) {
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
    if (storage !== undefined) await setTimeout(context.seed % 7);
    return table(architecture);
  };
  const onTrial = log === undefined ? undefined : ({ id }) => appendFileSync(log, `${id}\n`);
  await study.run({ oracle, queries: QUERIES, onTrial });
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

async function main() {
  const { values } = parseArgs({
    options: { kills: { type: 'string', default: '500' }, seed: { type: 'string', default: '1' } },
  });
  const wanted = Number(values.kills);
  let random = Number(values.seed);
  const next = () => (random = (random * 48271) % 2147483647) / 2147483647;
  const folder = mkdtempSync(path.join(tmpdir(), 'optiproxy-kills-'));
  const total = { kills: 0, searches: 0, identical: 0, lost: 0 };
  try {
    for (let turn = 0; total.kills < wanted; ++turn) {
      const [place, seed] = [turn % settings.length, 1 + turn];
      const [file, log] = ['db', 'log'].map((end) => path.join(folder, `${turn}.${end}`));
      let trace = '';
      for (let done = false; !done;) {
        const child = spawn(process.execPath, [script, '--child', String(place), String(seed), file, log], { stdio: ['ignore', 'pipe', 'inherit'] }); // prettier-ignore
        trace = '';
        child.stdout.setEncoding('utf8').on('data', (text) => (trace += text));
        const timer = setTimeout(120 + 700 * next()).then(() => child.kill('SIGKILL'));
        const [status, signal] = await once(child, 'close');
        await timer;
        if (status !== 0 && signal !== 'SIGKILL') throw new Error(`search ${turn}: status ${status}`);
        total.kills += Number(signal === 'SIGKILL');
        if (existsSync(file)) total.lost += lost(file, log);
        done = status === 0;
      }
      total.searches += 1;
      const whole = JSON.stringify(await search(settings[place], seed));
      total.identical += Number(trace === whole);
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
