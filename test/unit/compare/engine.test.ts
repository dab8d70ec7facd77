import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Comparison, ReportedTask } from '../../../src/compare/comparison.js';
import { openRunLog } from '../../../src/compare/log.js';
import { threadPool, type Pool } from '../../../src/compare/pool.js';
import { runKey, type Job } from '../../../src/compare/run.js';
import { digitsTask, entry, herePool, prepared, record, runHere, withoutTimes } from '../../support/compared.js';
import { errorOf } from '../../support/errors.js';
import { scratchFolder } from '../../support/files.js';

const scratch = scratchFolder();
let tasks: ReportedTask[];
const entries = [entry('random'), entry('local-search')];
const seeds = [1, 2, 3, 4, 5];
let whole: Comparison;

beforeAll(async () => {
  tasks = [
    await prepared(digitsTask()),
    await prepared(digitsTask({ name: 'small', objective: { metric: 'params', goal: 'minimize' }, report: [] })),
  ];
  whole = withoutTimes((await runHere({ tasks, entries, seeds })).comparison);
});

test('the figures do not depend on how many workers there are, nor on who is done first', async () => {
  expect(whole.tasks.map(({ methods }) => methods.map(({ runs }) => runs.length))).toEqual([[5, 5], [5, 5]]); // prettier-ignore
  for (const workers of [2, 7]) {
    const pool: Pool = {
      run: async (job) => {
        await new Promise((go) => setTimeout(go, (job.seed * 7919) % 13)); // some are late
        return herePool.run(job);
      },
      close: async () => {},
    };
    const other = await runHere({ tasks, entries, seeds, workers, pool });
    expect(withoutTimes(other.comparison)).toEqual(whole);
  }
});

test.each([0, 7, 19])('stopped after %i runs in the middle of a line: going on gives the same', async (after) => {
  const folder = path.join(scratch.path, `stopped-${after}`);
  const first = await runHere({
    tasks,
    entries,
    seeds,
    folder,
    onProgress: ({ done }, stop) => void (done >= after && stop()),
  });
  expect(first.outcome.runs.size).toBe(after);
  const file = path.join(folder, 'runs.ndjson');
  const torn = JSON.stringify(record());
  appendFileSync(file, torn.slice(0, torn.length / 2));
  const ran: Job[] = [];
  const pool: Pool = { run: (job) => (ran.push(job), herePool.run(job)), close: async () => {} };
  const second = await runHere({ tasks, entries, seeds, folder, pool });
  expect(ran).toHaveLength(20 - after);
  expect(withoutTimes(second.comparison)).toEqual(whole);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(20);
  for (const line of lines) JSON.parse(line);
  // Once more there is nothing to do, and other budgets, seeds and methods are other runs.
  ran.length = 0;
  await runHere({ tasks, entries, seeds: [4, 5, 6], folder, pool });
  expect(ran.map(({ seed }) => seed)).toEqual([6, 6, 6, 6]);
});

test('a run that fails is told and left out; the others go on, and it is tried again', async () => {
  const folder = path.join(scratch.path, 'failing');
  const failing: Pool = {
    run: (job) => (job.seed === 2 && job.entry.label === 'random' ? Promise.reject(new Error('no memory')) : herePool.run(job)), // prettier-ignore
    close: async () => {},
  };
  const { outcome, comparison } = await runHere({ tasks, entries, seeds, folder, pool: failing, workers: 2 });
  expect(outcome.runs.size).toBe(18);
  expect(comparison.failures).toEqual(['digits', 'small'].map((task) => ({ task, method: 'random', seed: 2, message: 'no memory' }))); // prettier-ignore
  const [random, local] = comparison.tasks[0]!.methods;
  expect([random!.runs.length, local!.runs.length]).toEqual([4, 5]);
  expect(local!.runs.map(({ rank }) => rank === null)).toEqual([false, true, false, false, false]);
  expect(comparison.tests.every((test) => test.seeds === 4)).toBe(true);
  const again = await runHere({ tasks, entries, seeds, folder });
  expect(withoutTimes(again.comparison)).toEqual(whole);
});

test('jobs come task by task and seed by seed, each with every method', async () => {
  const jobs: Job[] = [];
  const pool: Pool = { run: (job) => (jobs.push(job), herePool.run(job)), close: async () => {} };
  await runHere({ tasks, entries, seeds: [8, 9], pool });
  expect(jobs.map(({ digest, seed, entry: { label } }) => [digest, seed, label])).toEqual(
    tasks.flatMap(({ digest }) => [8, 9].flatMap((seed) => entries.map(({ label }) => [digest, seed, label]))),
  );
  // Nothing of what a report measures by goes to a worker.
  for (const { task } of jobs) expect(task).not.toHaveProperty('target');
});

test('a worker that dies takes its run with it, not the pool', async () => {
  const script = scratch.write(
    'dying.cjs',
    'module.exports = ({ seed }) => { if (seed === 2) process.exit(3); if (seed === 3) throw new Error("odd"); return { seed }; };',
  );
  const pool = threadPool(1, script);
  const job = (seed: number): Job => ({ seed }) as Job;
  expect(await pool.run(job(1))).toEqual({ seed: 1 });
  await expect(pool.run(job(2))).rejects.toThrow(/exit/);
  await expect(pool.run(job(3))).rejects.toThrow('odd');
  expect(await pool.run(job(4))).toEqual({ seed: 4 });
  await pool.close();
});

describe('the log', () => {
  test('refuses a file that is something else, naming the line', async () => {
    const file = scratch.write('runs.ndjson', `${JSON.stringify(record())}\n{"a": 1}\n`);
    const { message } = await errorOf('INVALID_ARGUMENT', () => openRunLog(scratch.path));
    expect(message).toContain(`${file} line 2: expected a run of an earlier comparison`);
    writeFileSync(file, 'not json\n');
    await errorOf('INVALID_ARGUMENT', () => openRunLog(scratch.path));
  });

  test('tells runs apart by task, method, seed, budget and version', async () => {
    const base = record();
    const others = [{ task: 'u' }, { method: 'm' }, { seed: 2 }, { queries: 4 }, { version: '1' }].map(record);
    const keys = [base, ...others].map(runKey);
    expect(new Set(keys).size).toBe(6);
    const log = await openRunLog(undefined);
    await log.add(base);
    expect(log.get(keys[0]!)).toBe(base);
    expect(log.get(keys[1]!)).toBeUndefined();
  });
});
