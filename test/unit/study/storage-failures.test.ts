import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { deserialize, serialize } from 'node:v8';
import Sqlite from 'better-sqlite3';
import { readStudy } from '../../../src/store/read.js';
import { Study } from '../../../src/study/study.js';
import type { Oracle } from '../../../src/study/types.js';
import { errorOf } from '../../support/errors.js';
import { filesOfEachTest, measured, options, seen } from '../../support/kept.js';

const fileOf = filesOfEachTest();

test('one writes at a time: another is told so, and may once the first has ended', async () => {
  const study = await Study.open({ ...options, storage: fileOf() });
  const { message } = await errorOf('STORAGE_FAILED', () => Study.open({ ...options, storage: fileOf() }));
  expect(message).toMatch(
    /^storage .*study\.db: expected one process that writes to it, given .*\(hint: wait for the other/,
  );
  study.close();
  (await Study.open({ ...options, storage: fileOf() })).close();
});

test('files that are no studies, and are left alone', async () => {
  const refused = async (name: string): Promise<string> =>
    (await errorOf('STORAGE_FAILED', () => Study.open({ ...options, storage: fileOf(name) }))).message;
  writeFileSync(
    fileOf('text'),
    'no database, but a text that is long enough to be taken for its first page\n'.repeat(20),
  );
  const before = readFileSync(fileOf('text'));
  expect(await refused('text')).toMatch(/file is not a database.*hint: another file by this name/);
  expect(readFileSync(fileOf('text')).equals(before)).toBe(true);

  const other = new Sqlite(fileOf('other.db'));
  other.exec('CREATE TABLE notes (text)');
  other.close();
  const theirs = readFileSync(fileOf('other.db'));
  expect(await refused('other.db')).toMatch(
    /expected a study of optiproxy, or no file, given "another program's database"/,
  );
  expect(readFileSync(fileOf('other.db')).equals(theirs)).toBe(true);

  // One that its program has not closed, or never will, keeps what is in its log alone.
  const running = new Sqlite(fileOf('running.db'));
  running.pragma('journal_mode = WAL');
  running.exec('CREATE TABLE notes (text)');
  const log = readFileSync(fileOf('running.db-wal'));
  for (const end of ['', '-wal']) writeFileSync(fileOf(`killed.db${end}`), readFileSync(fileOf(`running.db${end}`)));
  running.close();
  expect(await refused('killed.db')).toMatch(/another program's database/);
  expect(readFileSync(fileOf('killed.db-wal')).equals(log)).toBe(true);

  (await Study.open({ ...options, storage: fileOf('newer.db') })).close();
  const newer = new Sqlite(fileOf('newer.db'));
  newer.pragma('user_version = 99');
  newer.close();
  expect(await refused('newer.db')).toMatch(
    /expected version 2 or older, given "version 99" \(hint: a newer optiproxy/,
  );

  expect(await refused(path.join('no', 'such', 'folder.db'))).toMatch(/directory does not exist|unable to open/);
  const { message } = await errorOf('INVALID_ARGUMENT', () => Study.open({ ...options, storage: ' ' }));
  expect(message).toMatch(/^options.storage: expected the name of a file/);
});

test('a file that cannot be entered is let go of, in the middle of it', async () => {
  const study = await Study.open({ ...options, storage: fileOf() });
  for (const { id, architecture } of await study.ask(4)) await study.tell(id, measured(architecture));
  study.close();
  const write = (sql: string): void => {
    const db = new Sqlite(fileOf());
    db.exec(sql);
    db.close();
  };
  write(`UPDATE trials SET metrics = replace(metrics, 'acc', 'other') WHERE id = 2`);
  const { message } = await errorOf('STORAGE_FAILED', () => Study.open({ ...options, storage: fileOf() }));
  expect(message).toMatch(/given "trial 2 .*/);
  write(`UPDATE trials SET metrics = replace(metrics, 'other', 'acc') WHERE id = 2`);
  const again = await Study.open({ ...options, storage: fileOf() });
  expect(again.queries).toBe(4);
  again.close();
});

describe('a disk that is full', () => {
  const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
  const fill = (): jest.SpyInstance =>
    jest
      .spyOn(Sqlite.prototype as { transaction: (work: () => void) => unknown }, 'transaction')
      .mockImplementation(() => ({
        immediate: () => {
          throw full;
        },
      }));
  const failed = async (call: () => unknown): Promise<string> => (await errorOf('STORAGE_FAILED', call)).message;

  test('calls reject until there is room; then what was told meanwhile is written first', async () => {
    const storage = fileOf();
    const study = await Study.open({ ...options, storage });
    await study.run({ oracle: measured, queries: 6 });
    const [one, two] = await study.ask(2);
    const disk = fill();
    expect(await failed(() => study.tell(one!.id, measured(one!.architecture)))).toMatch(/disk is full.*hint: the disk is full: make room/); // prettier-ignore
    expect(await failed(() => study.fail(two!.id, 'no memory'))).toMatch(/disk is full/);
    expect(await failed(() => study.ask())).toMatch(/disk is full/);
    expect(study.queries).toBe(8);
    disk.mockRestore();
    const [three] = await study.ask();
    const seenHere = seen(study);
    study.close();
    const again = await Study.open({ ...options, storage });
    expect(seen(again)).toEqual(seenHere);
    expect(again.trials.at(-1)).toEqual(three);
    again.close();
  });

  test('an ask that cannot be written is none, and no other follows; answers are still taken', async () => {
    const storage = fileOf();
    const study = await Study.open({ ...options, storage });
    await study.run({ oracle: measured, queries: 6 });
    const [one] = await study.ask();
    const disk = fill();
    const { method } = (study as unknown as { named: { method: { propose: () => unknown } } }).named;
    const propose = jest.spyOn(method, 'propose');
    expect(await failed(() => study.ask())).toMatch(/disk is full/);
    expect(propose).toHaveBeenCalledTimes(1);
    disk.mockRestore();
    expect(await failed(() => study.ask())).toMatch(/disk is full/);
    expect(propose).toHaveBeenCalledTimes(1);
    await study.tell(one!.id, measured(one!.architecture));
    study.close();
    const [again, whole] = [await Study.open({ ...options, storage }), await Study.open(options)];
    expect(again.queries).toBe(7);
    await again.run({ oracle: measured, queries: 12 });
    await whole.run({ oracle: measured, queries: 12 });
    expect(again.trace()).toEqual(whole.trace());
    for (const study of [again, whole]) study.close();
  });

  test('an ask is none too where what was told while it worked cannot be written', async () => {
    const storage = fileOf();
    const study = await Study.open({ ...options, storage });
    await study.run({ oracle: measured, queries: 6 });
    const [one] = await study.ask();
    const asking = study.ask(1, { onPhase: () => undefined });
    const disk = fill();
    expect(await failed(() => study.tell(one!.id, measured(one!.architecture)))).toMatch(/disk is full/);
    expect(await failed(() => asking)).toMatch(/disk is full/);
    disk.mockRestore();
    // What the method chose there is lost to it: another ask would pass it over.
    expect(await failed(() => study.ask())).toMatch(/disk is full/);
    study.close();
    const [again, whole] = [await Study.open({ ...options, storage }), await Study.open(options)];
    expect(again.queries).toBe(7);
    await again.run({ oracle: measured, queries: 12 });
    await whole.run({ oracle: measured, queries: 12 });
    expect(again.trace()).toEqual(whole.trace());
    for (const one of [again, whole]) one.close();
  });

  test('a run says so, not that the oracle failed, and takes what is in flight', async () => {
    const storage = fileOf();
    const study = await Study.open({ ...options, storage });
    let disk: jest.SpyInstance | undefined;
    const oracle: Oracle = async (architecture) => {
      const metrics = measured(architecture);
      await new Promise((resolve) => setTimeout(resolve, 20));
      disk ??= fill();
      return metrics;
    };
    expect(await failed(() => study.run({ oracle, queries: 6, concurrency: 3 }))).toMatch(/^storage .*disk is full/);
    expect(study.queries).toBe(3);
    disk!.mockRestore();
    study.close();
    const again = await Study.open({ ...options, storage });
    expect(again.queries).toBe(3);
    again.close();
  });

  test('what still cannot be written when the study is closed is said', async () => {
    const study = await Study.open({ ...options, storage: fileOf() });
    const [one] = await study.ask();
    const disk = fill();
    expect(await failed(() => study.tell(one!.id, measured(one!.architecture)))).toMatch(/disk is full/);
    expect(() => study.close()).toThrow(/disk is full/);
    disk.mockRestore();
    (await Study.open({ ...options, storage: fileOf() })).close(); // the lock went all the same
  });
});

test('two names of a file are one study', async () => {
  (await Study.open({ ...options, storage: fileOf() })).close();
  symlinkSync(fileOf(), fileOf('other-name.db'));
  const study = await Study.open({ ...options, storage: fileOf() });
  const { message } = await errorOf('STORAGE_FAILED', () =>
    Study.open({ ...options, storage: fileOf('other-name.db') }),
  );
  expect(message).toMatch(/expected one process that writes to it/);
  study.close();
});

test('who goes round the lock cannot end a trial twice', async () => {
  const study = await Study.open({ ...options, storage: fileOf() });
  const [one] = await study.ask();
  rmSync(fileOf('study.db.lock'));
  const second = await Study.open({ ...options, storage: fileOf() });
  await study.tell(one!.id, { acc: 1 });
  const { message } = await errorOf('STORAGE_FAILED', () => second.tell(one!.id, { acc: 2 }));
  expect(message).toMatch(/trial 1: expected a running trial, given "one that another process has ended"/);
  expect(() => second.close()).toThrow(/another process has ended/);
  study.close();
  const again = await Study.open({ ...options, storage: fileOf() });
  expect(again.best!.metrics).toEqual({ acc: 1 });
  again.close();
});

describe('what SQLite takes for whole, and no study wrote', () => {
  test.each<[string, string]>([
    [
      'a wrong byte in what the method remembers',
      "UPDATE state SET method = CAST(substr(method, 1, 30) || x'7f' || substr(method, 32) AS BLOB)",
    ],
    ['no memory at all', "UPDATE state SET method = x''"],
    ['a definition that is no JSON', "UPDATE study SET definition = '{'"],
    ['metrics that are none', "UPDATE trials SET metrics = 'null' WHERE id = 2"],
    ['metrics without the objective', "UPDATE trials SET metrics = '{}' WHERE id = 2"],
    ['metrics that are no JSON', "UPDATE trials SET metrics = '{' WHERE id = 2"],
    ['another text than its genes', "UPDATE trials SET architecture = 'x' WHERE id = 2"],
    ['other genes than its text', "UPDATE trials SET genes = x'ffffffffffff' WHERE id = 2"],
    ['half an architecture', "UPDATE trials SET genes = x'0000' WHERE id = 2"],
    ['an answer to nothing', 'UPDATE events SET trial = 99 WHERE number = 3'],
    ['an answer of nothing', 'DELETE FROM trials WHERE id = 2'],
    ['two answers', 'UPDATE events SET trial = 2 WHERE number = 4'],
    ['fewer asked', "UPDATE events SET count = 1 WHERE kind = 'asked'"],
    ['diagnostics that are no JSON', "UPDATE events SET diagnostics = '{' WHERE kind = 'asked'"],
    ['a failure without a reason', "UPDATE events SET kind = 'failed' WHERE number = 3"],
    ['no trials', 'DROP TABLE trials'],
  ])('%s', async (_name, edit) => {
    const study = await Study.open({ ...options, storage: fileOf() });
    await study.run({ oracle: measured, queries: 6 });
    study.close();
    const db = new Sqlite(fileOf());
    db.exec(edit);
    db.close();
    const { message } = await errorOf('STORAGE_FAILED', () => Study.open({ ...options, storage: fileOf() }));
    expect(message).toMatch(/^storage .*study\.db: /);
  });
});

test('a definition of nothing is another study, and none that can be read', async () => {
  (await Study.open({ ...options, storage: fileOf() })).close();
  const db = new Sqlite(fileOf());
  db.exec("UPDATE study SET definition = 'null'");
  db.close();
  await errorOf('STUDY_MISMATCH', () => Study.open({ ...options, storage: fileOf() }));
  expect((await errorOf('STORAGE_FAILED', () => readStudy(fileOf()))).message).toMatch(
    /expected a study, given "null"/,
  );
  const other = new Sqlite(fileOf());
  other.exec(`UPDATE study SET definition = '{"objectives":[],"constraints":[]}'`);
  other.close();
  await errorOf('STORAGE_FAILED', () => readStudy(fileOf()));
});

test('what was remembered before there were digests is taken as it is', async () => {
  const study = await Study.open({ ...options, storage: fileOf() });
  await study.run({ oracle: measured, queries: 8 });
  study.close();
  const db = new Sqlite(fileOf());
  const state = db.prepare('SELECT method FROM state').pluck().get() as Buffer;
  db.prepare('UPDATE state SET method = ?').run(serialize({ ...(deserialize(state) as object), version: 1 }));
  db.close();
  const [again, whole] = [await Study.open({ ...options, storage: fileOf() }), await Study.open(options)];
  for (const one of [again, whole]) await one.run({ oracle: measured, queries: 12 });
  expect(again.trace()).toEqual(whole.trace());
  for (const one of [again, whole]) one.close();
});

test('a damaged file, and a memory of another version', async () => {
  const study = await Study.open({ ...options, storage: fileOf() });
  await study.run({ oracle: measured, queries: 12 });
  study.close();
  const db = new Sqlite(fileOf());
  db.prepare('UPDATE state SET method = ?').run(serialize({ version: 99, state: {} }));
  db.close();
  const reopened = (): Promise<Study> => Study.open({ ...options, storage: fileOf() });
  expect((await errorOf('STORAGE_FAILED', reopened)).message).toMatch(
    /what a method of this version remembers .*given 99/,
  );
  const other = new Sqlite(fileOf());
  other.prepare('UPDATE state SET method = ?').run(Buffer.from('garbage'));
  other.close();
  expect((await errorOf('STORAGE_FAILED', reopened)).message).toMatch(/^storage .*study\.db: /);
  const bytes = readFileSync(fileOf());
  bytes.fill(0x5a, 8192);
  writeFileSync(fileOf(), bytes);
  expect((await errorOf('STORAGE_FAILED', reopened)).message).toMatch(/SQLITE_CORRUPT.*hint: the file is damaged/);
});
