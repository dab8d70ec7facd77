// Searches by a process oracle that misbehaves in every tenth attempt, one after another for hours: whether every trial ends as
// it must, and whether memory, open files or processes are left behind.
//   node bench/soak.mjs [--minutes 120] [--seed 1] [--out soak.json]
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import Sqlite from 'better-sqlite3';
import optiproxy from '../dist/index.js';

const script = fileURLToPath(import.meta.url);
const TIMEOUT = 4000;
const QUERIES = 300;
const CONCURRENCY = 3;

/** Ways to misbehave, and what becomes of an attempt then. */
const misdeeds = {
  error: 'failed',
  crash: 'failed',
  quits: 'failed',
  garbage: 'failed',
  nan: 'failed',
  long: 'failed',
  lacking: 'failed',
  silent: 'failed',
  tree: 'failed',
  infeasible: 'infeasible',
  twice: 'complete',
  unknown: 'complete',
  once: 'complete',
  leaves: 'complete',
};

/** How an attempt at a query goes, by its seed. */
function deedOf(seed, attempt) {
  const draw = ((seed % 1e9) + attempt * (1 + (seed % 9973))) % 10_007; // of each attempt another
  const names = Object.keys(misdeeds);
  return draw < 1000 ? names[draw % names.length] : 'good';
}

/** How a trial must end, with one more attempt after a failure. */
function endingOf(seed) {
  const first = misdeeds[deedOf(seed, 1)] ?? 'complete';
  return first === 'failed' ? (misdeeds[deedOf(seed, 2)] ?? 'complete') : first;
}

async function train() {
  const say = (message) => process.stdout.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
  const leave = (status) => process.stdout.write('', () => process.exit(status));
  const stray = () => spawn('sleep', ['3600'], { detached: true, stdio: 'ignore' }).unref();
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, seed, attempt, architecture } = JSON.parse(line);
    const answer = { id, metrics: { acc: architecture.lastIndexOf('conv') + (seed % 1000) / 1000 } };
    await sleep(100 + (seed % 400));
    say({ id, step: 1, metrics: { loss: 1 } });
    process.stderr.write(`trial of seed ${seed}, attempt ${attempt}\n`);
    const deeds = {
      good: () => say(answer),
      error: () => say({ id, error: 'out of memory' }),
      crash: () => leave(3),
      quits: () => leave(0),
      garbage: () => say(`{"id":${id},"metrics":{`),
      nan: () => say(`{"id":${id},"metrics":{"acc":NaN}}`),
      long: () => say(`{"id":${id},"note":"${'x'.repeat(10_000_000)}"}`),
      lacking: () => say({ id, metrics: { loss: 1 } }),
      silent: () => {},
      tree: () => stray(),
      infeasible: () => say({ id, infeasible: 'too large' }),
      twice: () => (say(answer), say(answer)),
      unknown: () => (say({ ...answer, id: id + 7 }), say(answer)),
      once: () => (say(answer), leave(0)),
      leaves: () => (stray(), say(answer), leave(0)),
    };
    deeds[deedOf(seed, attempt)]();
  }
}

/** Processes that descend from this one, by the mark that they inherit. */
const marked = () =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`OPTIPROXY_SOAK=${process.pid}\0`); // prettier-ignore
    } catch {
      return false;
    }
  }).length;

async function search(seed, file) {
  const { processOracle, spaces, Study } = optiproxy;
  const oracle = processOracle(`"${process.execPath}" "${script}" --train`, { env: { OPTIPROXY_SOAK: `${process.pid}` }, graceMs: 500 }); // prettier-ignore
  const study = await Study.open({ space: spaces.digits201(), objectives: [{ metric: 'acc', goal: 'maximize' }], seed, threads: 1, storage: file }); // prettier-ignore
  await study.run({ oracle, queries: QUERIES, concurrency: CONCURRENCY, timeoutMs: TIMEOUT, retries: 1, backoffMs: 50, failures: 1e9 }); // prettier-ignore
  const states = { complete: 0, infeasible: 0, failed: 0 };
  let wrong = 0;
  let attempts = 0;
  for (const { id, state } of study.trials) {
    states[state] += 1;
    wrong += Number(endingOf(study.seedOf(id)) !== state);
    attempts += misdeeds[deedOf(study.seedOf(id), 1)] === 'failed' ? 2 : 1;
  }
  study.close();
  await oracle.close();
  const db = new Sqlite(file, { readonly: true });
  const logged = db.prepare('SELECT count(*) FROM logs').pluck().get();
  const sound = db.pragma('integrity_check', { simple: true }) === 'ok';
  db.close();
  return { states, attempts, wrong: wrong + Number(logged !== attempts) + Number(!sound), processes: marked() };
}

async function main() {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '120' },
      seed: { type: 'string', default: '1' },
      out: { type: 'string' },
    },
  });
  const folder = mkdtempSync(path.join(tmpdir(), 'optiproxy-soak-'));
  const start = performance.now();
  const minutes = () => (performance.now() - start) / 60_000;
  const rows = [];
  let left = 0;
  try {
    for (let seed = Number(values.seed); minutes() < Number(values.minutes); ++seed) {
      const found = await search(seed, path.join(folder, `${seed}.db`));
      for (const name of readdirSync(folder)) rmSync(path.join(folder, name));
      globalThis.gc?.();
      left += found.processes;
      rows.push({ seed, minutes: minutes(), rssMb: process.memoryUsage().rss / 2 ** 20, heapMb: process.memoryUsage().heapUsed / 2 ** 20, files: readdirSync('/proc/self/fd').length, ...found }); // prettier-ignore
      console.log(JSON.stringify(rows.at(-1)));
      if (values.out !== undefined) writeFileSync(values.out, JSON.stringify({ rows }, null, 1));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const sum = (pick) => rows.reduce((total, row) => total + pick(row), 0);
  console.log(`${rows.length} searches, ${sum((row) => row.attempts)} attempts, ${sum((row) => row.wrong)} trials that ended otherwise than they must, ${left} processes left`); // prettier-ignore
  process.exitCode = sum((row) => row.wrong) === 0 && left === 0 ? 0 : 1;
}

await (process.argv[2] === '--train' ? train() : main());
