import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { digits201Oracle } from '../../../src/oracle/embedded.js';
import { spaces } from '../../../src/space/index.js';
import { readAttempts, readStudy } from '../../../src/store/read.js';
import { Study } from '../../../src/study/study.js';
import { filesOfEachTest, measured, options } from '../../support/kept.js';

const fileOf = filesOfEachTest();

/** A search of version 1: 10 complete, one failed, one that nobody answered. */
const old = path.join(__dirname, '..', '..', 'golden', 'study-v1.db');

test('a file of version 1 is read as it is, and opened, and goes on', async () => {
  const storage = fileOf();
  copyFileSync(old, storage);
  const before = readStudy(storage);
  expect(before.trials.map(({ state }) => state)).toEqual([...Array<string>(10).fill('complete'), 'failed', 'running']);
  expect(readAttempts(storage, 1)).toEqual([]);
  const db = new Sqlite(storage, { readonly: true });
  expect(db.pragma('user_version', { simple: true })).toBe(1);
  db.close();

  const table = await digits201Oracle({ metrics: ['val_acc', 'params'] });
  const study = await Study.open({
    space: spaces.digits201(),
    objectives: [{ metric: 'val_acc', goal: 'maximize' }],
    seed: 4,
    threads: 1,
    init: 6,
    batch: 2,
    storage,
  });
  expect(study.trials.map(({ id, architecture, state, metrics }) => ({ id, architecture, state, metrics: metrics ?? {} }))).toEqual(before.trials.map(({ id, architecture, state, metrics }) => ({ id, architecture, state, metrics }))); // prettier-ignore
  expect(study.trials[10]).toMatchObject({ state: 'failed', error: 'out of memory', query: 11 });
  const asked: number[] = [];
  await study.run({ oracle: (a, { trial }) => (asked.push(trial), table(a)), queries: 16 });
  expect(asked).toEqual([12, 13, 14, 15, 16]);
  expect(new Set(study.trials.map(({ architecture }) => architecture)).size).toBe(16);
  study.close();
  const after = readStudy(storage);
  expect(after.trials.slice(0, 11)).toEqual(before.trials.slice(0, 11));
  expect(after.trials.map(({ attempts }) => attempts)).toEqual([...Array<number>(11).fill(0), 1, 1, 1, 1, 1]);
});

test('what the file says of a query: its attempts, learning curves and logs', async () => {
  const study = await Study.open({ ...options, storage: fileOf() });
  await study.run({
    queries: 3,
    retries: 1,
    backoffMs: 0,
    oracle: (architecture, { trial, attempt, report, log }) => {
      if (trial !== 2) return measured(architecture);
      report(1, { loss: 0.5 });
      log(`attempt ${attempt}\n`);
      if (attempt === 1) throw new Error('no');
      report(2, { loss: 0.25, acc: 1 });
      return measured(architecture);
    },
  });
  study.close();
  expect(readAttempts(fileOf(), 1)).toEqual([]);
  expect(readAttempts(fileOf(), 2)).toEqual([
    { attempt: 1, curve: [{ step: 1, metrics: { loss: 0.5 } }], log: 'attempt 1\n' },
    { attempt: 2, curve: [{ step: 1, metrics: { loss: 0.5 } }, { step: 2, metrics: { loss: 0.25, acc: 1 } }], log: 'attempt 2\n' }, // prettier-ignore
  ]);
  expect(readStudy(fileOf()).trials.map(({ state, attempts }) => [state, attempts])).toEqual([['complete', 1], ['complete', 2], ['complete', 1]]); // prettier-ignore
});

test('of what an attempt writes the end is kept', async () => {
  const study = await Study.open({ ...options, storage: fileOf() });
  const oracle = (architecture: string, { log }: { log: (text: string) => void }) => {
    for (let line = 0; line < 40_000; ++line) log(`line ${line}\n`);
    return measured(architecture);
  };
  await study.run({ oracle, queries: 1 });
  study.close();
  const { log } = readAttempts(fileOf(), 1)[0]!;
  expect(log.length).toBeGreaterThan(65_000);
  expect(log.length).toBeLessThan(2 ** 17 + 1);
  expect(log.endsWith('line 39999\n')).toBe(true);
});

test('a file whose making was killed half way is begun again', async () => {
  const folder = path.dirname(fileOf());
  // A transaction that is on the disk in part, with the journal that undoes it.
  const script = `
    const Sqlite = require('better-sqlite3');
    const db = new Sqlite(process.argv[1]);
    db.exec('PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN IMMEDIATE; CREATE TABLE study (text); PRAGMA application_id = 1332767849');
    const add = db.prepare('INSERT INTO study VALUES (?)');
    for (let i = 0; i < 2000; ++i) add.run('x'.repeat(500));
    process.kill(process.pid, 'SIGKILL');`;
  const { signal } = spawnSync(process.execPath, ['-e', script, fileOf()], { cwd: path.join(__dirname, '..', '..') });
  expect(signal).toBe('SIGKILL');
  expect(readdirSync(folder)).toEqual(['study.db', 'study.db-journal']);
  const study = await Study.open({ ...options, storage: fileOf() });
  await study.run({ oracle: measured, queries: 3 });
  study.close();
  expect(readStudy(fileOf()).trials).toHaveLength(3);
});
