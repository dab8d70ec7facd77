import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serialize } from 'node:v8';
import Sqlite from 'better-sqlite3';
import { Study } from '../../../src/study/study.js';
import type { Metrics, Oracle, StudyOptions } from '../../../src/study/types.js';
import { errorOf } from '../../support/errors.js';
import { edgeCellSpace } from '../../support/spaces.js';

const space = edgeCellSpace({ id: 'cell', cellNodes: 4, operations: ['a', 'b', 'c', 'd'] });
const favourites = [2, 0, 1, 2, 1, 0];
const measured = (architecture: string): Metrics => {
  const genes = [...space.parse(architecture)];
  const acc = favourites.reduce((sum, favourite, i) => sum + (genes[i] === favourite ? 1 + i / 7 : 0), 0);
  return { acc, size: genes.reduce((sum, gene) => sum + gene, 0) };
};
const objectives: StudyOptions['objectives'] = [{ metric: 'acc', goal: 'maximize' }];
const options: StudyOptions = { space, objectives, seed: 3, threads: 1, init: 6 };

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'optiproxy-'))));
afterEach(() => rmSync(folder, { recursive: true }));
const fileOf = (name = 'study.db'): string => path.join(folder, name);

/** Everything that a user sees of a study, but for times. */
const seen = (study: Study): unknown => ({
  trials: study.trials,
  trace: study.trace(),
  rounds: study.rounds,
  warnings: study.warnings,
  best: study.best,
  front: study.front,
  queries: study.queries,
  spent: study.spent,
});

/** One thing after the other happens to a study, as a function of how much did already. */
async function step(study: Study, at: number): Promise<void> {
  const running = study.trials.filter(({ state }) => state === 'running');
  if (at % 5 === 0 || running.length === 0) {
    await study.ask([6, 2, 3, 1, 4][((at / 5) % 5) | 0], { left: 30 });
    return;
  }
  const trial = running[(7 * at) % running.length]!;
  if (at % 11 === 3) await study.fail(trial.id, 'out of memory');
  else await study.tell(trial.id, measured(trial.architecture));
}

const settings: [string, Partial<StudyOptions>][] = [
  ['the default', {}],
  ['networks', { preset: 'networks' }],
  ['local search', { method: 'local-search' }],
  ['two objectives', { objectives: [...objectives, { metric: 'size', goal: 'minimize' }] }],
  ['a limit that only a query tells', { constraints: [{ metric: 'size', max: 8 }] }],
  [
    'a metric that is known',
    {
      metrics: { size: (architecture) => measured(architecture)['size']! },
      constraints: [{ metric: 'size', max: 9 }],
      units: { size: 'MB' },
    },
  ],
  ['a fidelity', { fidelity: { epochs: 3, fullEpochs: 10 } }],
];

test.each(settings)(
  '%s: a study that ends after any call goes on as if nothing had happened',
  async (_, more) => {
    const [whole, parts] = [await Study.open({ ...options, ...more }), fileOf()];
    for (let at = 0; at < 30; ++at) {
      await step(whole, at);
      const study = await Study.open({ ...options, ...more, storage: parts });
      await step(study, at);
      expect(seen(study)).toEqual(seen(whole));
      study.close();
    }
    whole.close();
    const again = await Study.open({ ...options, ...more, storage: parts });
    expect(seen(again)).toEqual(seen(whole));
    again.close();
  },
  120_000,
);

test('a run takes what was running, then goes on to its own end', async () => {
  const oracle: Oracle = measured;
  const whole = await Study.open(options);
  await whole.run({ oracle, queries: 20 });
  const storage = fileOf();
  for (let queries = 0, opens = 0; queries < 20; ++opens) {
    const study = await Study.open({ ...options, storage });
    let left = 3;
    const failing: Oracle = (architecture) => (left-- > 0 ? measured(architecture) : new Promise<never>(() => {}));
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 60);
    await study.run({ oracle: failing, queries: 20, signal: stop.signal }).catch(() => {});
    queries = study.queries;
    study.close();
    expect(opens).toBeLessThan(20);
  }
  const study = await Study.open({ ...options, storage });
  expect(study.trace()).toEqual(whole.trace());
  // A larger budget is another run.
  await whole.run({ oracle, queries: 25 });
  await study.run({ oracle, queries: 25 });
  expect(study.trace()).toEqual(whole.trace());
  for (const one of [whole, study]) one.close();
}, 60_000);

test('in memory, where nothing outlives it', async () => {
  const study = await Study.open({ ...options, storage: ':memory:' });
  await study.run({ oracle: measured, queries: 8 });
  expect(study.queries).toBe(8);
  study.close();
});

test('what is in the file can be read by others meanwhile', async () => {
  const study = await Study.open({ ...options, storage: fileOf() });
  await study.run({ oracle: measured, queries: 7 });
  const [running] = await study.ask();
  const reader = new Sqlite(fileOf(), { readonly: true });
  const rows = reader.prepare('SELECT id, architecture, state, metrics FROM trials ORDER BY id').all();
  expect(rows).toEqual(
    study.trials.map(({ id, architecture, state, metrics }) => ({
      id,
      architecture,
      state,
      metrics: metrics === undefined ? null : JSON.stringify(metrics),
    })),
  );
  // And while one reads, answers are told.
  reader.exec('BEGIN');
  reader.prepare('SELECT * FROM events').all();
  await study.tell(running!.id, measured(running!.architecture));
  reader.close();
  study.close();
});

test('one writes at a time: another is told so, and may once the first has ended', async () => {
  const study = await Study.open({ ...options, storage: fileOf() });
  const { message } = await errorOf('STORAGE_FAILED', () => Study.open({ ...options, storage: fileOf() }));
  expect(message).toMatch(
    /^storage .*study\.db: expected one process that writes to it, given .*\(hint: wait for the other/,
  );
  study.close();
  (await Study.open({ ...options, storage: fileOf() })).close();
});

test.each<[string, Partial<StudyOptions>]>([
  ['seed', { seed: 4 }],
  ['objectives', { objectives: [{ metric: 'acc', goal: 'minimize' }] }],
  ['method', { method: 'tpe' }],
  ['preset', { preset: 'networks' }],
  ['init', { init: 7 }],
  ['constraints', { constraints: [{ metric: 'size', max: 8 }] }],
  ['fidelity', { fidelity: { epochs: 3, fullEpochs: 10 } }],
  ['pool', { pool: ['|a~0|+|a~0|a~1|+|a~0|a~1|a~2|'] }],
  ['encoding', { space: edgeCellSpace({ id: 'cell', cellNodes: 3, operations: ['a', 'b'] }) }],
])('the file of another study: %s', async (name, more) => {
  (await Study.open({ ...options, storage: fileOf() })).close();
  const given = 'pool' in more ? { pool: [space.example] } : more;
  const { message } = await errorOf('STUDY_MISMATCH', () => Study.open({ ...options, ...given, storage: fileOf() }));
  expect(message).toMatch(
    new RegExp(`^storage .*, ${name}: expected .*, given .*\\(hint: the file is of another study`),
  );
  // It was let go of, and is as it was.
  (await Study.open({ ...options, storage: fileOf() })).close();
});

test('threads and batch are no part of what makes a study', async () => {
  (await Study.open({ ...options, storage: fileOf() })).close();
  (await Study.open({ ...options, threads: 2, batch: 7, storage: fileOf() })).close();
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

  (await Study.open({ ...options, storage: fileOf('newer.db') })).close();
  const newer = new Sqlite(fileOf('newer.db'));
  newer.pragma('user_version = 99');
  newer.close();
  expect(await refused('newer.db')).toMatch(
    /expected version 1 or older, given "version 99" \(hint: a newer optiproxy/,
  );

  expect(await refused(path.join('no', 'such', 'folder.db'))).toMatch(/directory does not exist|unable to open/);
  const { message } = await errorOf('INVALID_ARGUMENT', () => Study.open({ ...options, storage: ' ' }));
  expect(message).toMatch(/^options.storage: expected the name of a file/);
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

test('the same study, however it is spelt', async () => {
  const spelt: [Partial<StudyOptions>, Partial<StudyOptions>][] = [
    [{ objectives: [{ goal: 'maximize', metric: 'acc' }] }, {}],
    [{ fidelity: { fullEpochs: 10, epochs: 3, metric: 'acc' } }, { fidelity: { epochs: 3, fullEpochs: 10 } }],
    [{ pool: ['|a~0|+|a~0|b~1|+|c~0|b~1|a~2|', '|c~0|+|a~0|b~1|+|c~0|b~1|a~2|'] }, { pool: ['|c~0|+|a~0|b~1|+|c~0|b~1|a~2|', '|a~0|+|a~0|b~1|+|c~0|b~1|a~2|'] }], // prettier-ignore
  ];
  for (const [i, [one, other]] of spelt.entries()) {
    (await Study.open({ ...options, ...one, storage: fileOf(`${i}`) })).close();
    (await Study.open({ ...options, ...other, storage: fileOf(`${i}`) })).close();
  }
});
