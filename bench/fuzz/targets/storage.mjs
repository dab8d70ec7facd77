// Files of studies: pages and logs of SQLite damaged, and sound databases whose cells hold junk.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { deserialize, serialize } from 'node:v8';
import Sqlite from 'better-sqlite3';
import { chance, mutateBytes, mutateTree, pick } from '../mutate.mjs';
import { built, fromTests, insist } from '../support.mjs';

const words = [
  'SQLite format 3\0',
  'study',
  'trials',
  'CREATE TABLE ',
  'running',
  'told',
  '{"acc":1}',
  '\x37\x7f\x06\x82',
];
const endings = ['', '-wal', '-shm'];
/** Fewer than a page, and than a log's header, hold nothing to damage. */
const PAGE = 4096;

/** The files of a database, by their endings; those that are there. */
const filesOf = (file) => endings.flatMap((end) => (existsSync(file + end) ? [[end, readFileSync(file + end)]] : []));

export async function open(folder) {
  const { Study } = built('index');
  const { readStudy } = built('store/read');
  const { measured, objectives, space } = fromTests('kept');
  const options = { space, objectives, seed: 3, threads: 1, init: 4, method: 'random' };
  const kinds = { random: options, evolution: { ...options, method: 'evolution' }, optiproxy: { ...options, method: 'optiproxy' } }; // prettier-ignore
  const storage = path.join(folder, 'study.db');
  let made = 0;

  /** A study of a method, closed or with what it wrote last in its log alone. */
  async function written(kind, closed) {
    const file = path.join(folder, `seed${++made}.db`);
    const study = await Study.open({ ...kinds[kind], storage: file });
    await study.run({ oracle: measured, queries: 5 });
    const asked = await study.ask(2);
    await study.fail(asked[0].id, 'no memory');
    const before = filesOf(file);
    study.close();
    return { kind, files: closed ? filesOf(file) : before };
  }

  /** Another program's, likewise. */
  function foreign(closed) {
    const file = path.join(folder, `other${++made}.db`);
    const other = new Sqlite(file);
    other.exec('CREATE TABLE notes (text); CREATE TABLE study (id)');
    if (!closed) other.pragma('journal_mode = WAL');
    other.prepare('INSERT INTO notes VALUES (?)').run('x'.repeat(3 * PAGE));
    const before = filesOf(file);
    other.close();
    return { kind: 'random', files: closed ? filesOf(file) : before };
  }

  const seeds = [foreign(true), foreign(false)];
  for (const kind of Object.keys(kinds)) for (const closed of [true, false]) seeds.push(await written(kind, closed));
  const sound = seeds.slice(2).filter(({ files }) => files.length === 1);
  const others = seeds.flatMap(({ files }) => files.map(([, bytes]) => bytes));

  /** Junk for a cell, of its type more often than not, since tables are strict. */
  function junk(draws, value) {
    if (ArrayBuffer.isView(value) && chance(draws, 0.6)) {
      try {
        return serialize(mutateTree(draws, deserialize(value)));
      } catch {
        return mutateBytes(draws, value); // genes
      }
    }
    if (ArrayBuffer.isView(value)) return mutateBytes(draws, value);
    if (typeof value === 'number') return pick(draws, [value + 1, value - 1, 0, -1, 1, 1e6, 2 ** 40, 0.5]);
    if (typeof value === 'string' && /^[[{]/.test(value)) return JSON.stringify(mutateTree(draws, JSON.parse(value)));
    return pick(draws, ['', 'x', '|a~0|', 'null', '[]', '{}', '"', 'told', 'asked', 'failed', 'running', null, 0, 1]);
  }

  /** One cell, row, or table of a database changed. */
  function edit(draws, db, table) {
    const { place, ...row } = pick(draws, db.prepare(`SELECT rowid AS place, * FROM ${table}`).all());
    const column = pick(draws, Object.keys(row));
    if (chance(draws, 0.8)) {
      db.prepare(`UPDATE ${table} SET ${column} = ? WHERE rowid = ?`).run(junk(draws, row[column]), place);
    } else if (chance(draws, 0.5)) db.prepare(`DELETE FROM ${table} WHERE rowid = ?`).run(place);
    else db.exec(pick(draws, [`DROP TABLE ${table}`, `ALTER TABLE ${table} DROP COLUMN ${column}`, 'PRAGMA user_version = 0', 'PRAGMA user_version = -5', 'PRAGMA application_id = 7', `CREATE TRIGGER t AFTER INSERT ON ${table} BEGIN DELETE FROM trials; END`])); // prettier-ignore
  }

  /** A sound database with junk in some cells, rows less and rows more. */
  function edited(draws, { kind, files }) {
    const file = path.join(folder, 'edited.db');
    for (const end of endings) rmSync(file + end, { force: true });
    writeFileSync(file, files[0][1]);
    const db = new Sqlite(file);
    db.pragma('journal_mode = DELETE');
    if (chance(draws, 0.3)) db.unsafeMode().pragma('ignore_check_constraints = 1');
    for (let i = 1 + draws.below(3); i > 0; --i) {
      try {
        edit(draws, db, pick(draws, ['study', 'trials', 'trials', 'events', 'events', 'state']));
      } catch {
        // SQLite does not take it: the next may do.
      }
    }
    db.close();
    return { kind, files: filesOf(file) };
  }

  /** Pages, or the log, damaged. */
  function damaged(draws, { kind, files }) {
    const at = draws.below(files.length);
    const change = (bytes) => {
      if (chance(draws, 0.3)) return bytes.subarray(0, draws.below(bytes.length + 1));
      if (chance(draws, 0.5)) return mutateBytes(draws, bytes, { others, words });
      const page = PAGE * draws.below(Math.ceil(bytes.length / PAGE));
      const piece = mutateBytes(draws, bytes.subarray(page, page + PAGE), { words });
      return Buffer.concat([bytes.subarray(0, page), piece.subarray(0, PAGE), bytes.subarray(page + PAGE)]);
    };
    return { kind, files: files.map(([end, bytes], i) => [end, i === at ? change(bytes) : bytes]) };
  }

  const make = (draws) =>
    serialize(chance(draws, 0.5) ? edited(draws, pick(draws, sound)) : damaged(draws, pick(draws, seeds)));

  /** What a file says of itself is whole, and what it says of others' is left as it was. */
  async function attempt(input) {
    const { kind, files } = deserialize(input);
    for (const name of readdirSync(folder)) if (name.startsWith('study.db')) rmSync(path.join(folder, name));
    for (const [end, bytes] of files) writeFileSync(storage + end, bytes);
    let failure;
    try {
      const study = await Study.open({ ...kinds[kind], storage });
      try {
        const [trial] = await study.ask();
        if (trial !== undefined) await study.tell(trial.id, measured(trial.architecture));
        insist(
          study.trials.every(({ id, architecture }, i) => id === i + 1 && space.parse(architecture)),
          'trials',
        );
      } finally {
        study.close();
      }
    } catch (error) {
      failure = error;
    }
    // Of another program every byte stays, its log's included.
    if (/another program's database|file is not a database/.test(failure?.message))
      for (const [end, bytes] of files) insist(end === '-shm' || readFileSync(storage + end).equals(bytes), `${end} of another program was changed`); // prettier-ignore
    try {
      if (existsSync(storage)) readStudy(storage);
    } catch (error) {
      failure ??= error;
      if (error.code !== 'STORAGE_FAILED') throw error;
    }
    if (failure !== undefined) throw failure;
  }
  return { make, attempt, codes: ['STORAGE_FAILED', 'STUDY_MISMATCH'] };
}
