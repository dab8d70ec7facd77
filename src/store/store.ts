import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import type { Diagnostics, MethodState } from '../baselines/method.js';
import { OptiProxyError, printable } from '../errors.js';
import { readEvents, type Asked, type Ending, type StoredEvent } from './events.js';
import { lockStudy } from './lock.js';
import { checkOurs, migrate, versionOf } from './schema.js';
import { openDatabase, storageError, type Database } from './sqlite.js';

/** Version of what methods remember: a file with a later one cannot be gone on from. The first had no digest behind it. */
const STATE = 2;
/** Bytes of a digest. */
const DIGEST = 16;
/** Milliseconds that what may be lost waits for other writes. */
const SOON = 1000;

export type { Asked, Ending } from './events.js';

/** What makes a study this one, by name; values are numbers, texts, and lists and objects of them. */
export type Definition = Readonly<Record<string, unknown>>;

/**
 * A study in a SQLite file: what was asked and told is on the disk when a call returns, so that it outlives a kill and a power
 * failure.  Any number of processes may read it meanwhile; one writes.
 */
export class StudyStore {
  private readonly statements: ReturnType<typeof prepare>;
  /** What is not on the disk, in order: the next write brings it there first. */
  private readonly backlog: (() => void)[] = [];
  private timer: NodeJS.Timeout | undefined;
  private gathering = false;
  /** Why an ask is not, after which the method is not where the file says. */
  private failure: OptiProxyError | undefined;

  private constructor(
    readonly file: string,
    private readonly db: Database,
    private readonly lock: Database | undefined,
  ) {
    this.statements = prepare(db);
  }

  /** Opens a file, or `:memory:`, of the study with this definition, or makes it.  Throws `STORAGE_FAILED`, `STUDY_MISMATCH`. */
  static open(file: string, definition: Definition, version: string): StudyStore {
    const lock = file === ':memory:' ? undefined : lockStudy(file);
    let db: Database | undefined;
    try {
      if (existsSync(file)) checkOurs(file);
      db = openDatabase(file);
      versionOf(db, file);
      const mode = db.pragma('journal_mode = WAL', { simple: true }) as string;
      if (mode !== 'wal' && lock !== undefined) {
        throw new OptiProxyError('STORAGE_FAILED', {
          what: `storage ${file}`,
          expected: 'a file system that SQLite can write ahead on (journal mode wal)',
          given: mode,
          hint: 'put the file on a local disk',
        });
      }
      db.pragma('synchronous = FULL');
      migrate(db, file);
      const store = new StudyStore(file, db, lock);
      store.define(definition, version);
      store.statements.letGo.run(); // whoever queried these has ended
      return store;
    } catch (cause) {
      db?.close();
      lock?.close();
      throw cause instanceof OptiProxyError ? cause : storageError(file, cause);
    }
  }

  /** Everything that happened. */
  events(): Generator<StoredEvent> {
    return readEvents(this.db);
  }

  /** What the method goes on from; undefined before the first ask. */
  state(): MethodState | undefined {
    const data = this.statements.state.get() as Buffer | undefined;
    if (data === undefined) return undefined;
    const { version, state } = deserialize(data) as { version: number; state: MethodState };
    if (version === 1) return state;
    if (version === STATE && data.equals(sealed(data.subarray(0, -DIGEST)))) return state;
    if (version === STATE) throw new OptiProxyError('STORAGE_FAILED', { what: `storage ${this.file}, state`, expected: 'what was written', given: 'other bytes', hint: 'the file is damaged: put a copy in its place' }); // prettier-ignore
    throw new OptiProxyError('STORAGE_FAILED', {
      what: `storage ${this.file}`,
      expected: `what a method of this version remembers (${STATE})`,
      given: version,
      hint: 'go on with the version of optiproxy that wrote it (table study); every result in it can be read',
    });
  }

  /** These were asked, the first as number `first`, and the method goes on from `state`.  Where that throws no other ask may follow. */
  asked(first: number, asked: readonly Asked[], diagnostics: Diagnostics | undefined, state: MethodState): void {
    const now = Date.now();
    const data = sealed(serialize({ version: STATE, state }));
    this.backlog.push(() => {
      const { addTrial, addEvent, setState } = this.statements;
      asked.forEach(({ architecture, proposal }, i) => {
        const { genes, round, cheap, predicted, interval, known } = proposal;
        addTrial.run(first + i, architecture, Buffer.from(genes), round, cheap === true ? 1 : 0, predicted ?? null, interval?.[0] ?? null, interval?.[1] ?? null, known === undefined ? null : JSON.stringify(known), now); // prettier-ignore
      });
      addEvent.run(now, 'asked', first, asked.length, diagnostics === undefined ? null : JSON.stringify(diagnostics), null); // prettier-ignore
      setState.run(data);
    });
    try {
      this.flush();
    } catch (error) {
      // Nobody gets these trials: they never were.
      this.backlog.pop();
      throw (this.failure = error as OptiProxyError);
    }
  }

  /** Throws `STORAGE_FAILED` where that is not on the disk; it is kept, and brought there with the next write, or at `close`. */
  ended(trial: number, ending: Ending): void {
    const now = Date.now();
    const metrics = ending.state === 'complete' ? JSON.stringify(ending.metrics) : null;
    const error = ending.state === 'complete' ? null : ending.reason;
    this.backlog.push(() => {
      this.changeOne(trial, this.statements.endTrial.run(ending.state, metrics, error, now, trial));
      const kind = ending.state === 'complete' ? 'told' : ending.state;
      this.statements.addEvent.run(now, kind, trial, 1, null, null);
    });
    this.flush();
  }

  /** These (genes) are to be asked for before anything else.  Throws `STORAGE_FAILED`: they are not, then. */
  enqueued(genes: readonly Uint8Array[]): void {
    const [now, answer] = [Date.now(), JSON.stringify(genes.map((one) => [...one]))];
    this.backlog.push(() => this.statements.addEvent.run(now, 'enqueued', 0, genes.length, null, answer));
    try {
      this.flush();
    } catch (error) {
      this.backlog.pop();
      throw error;
    }
  }

  /** How a trial is to end, once its turn has come; kept as what `ended` is. */
  held(trial: number, ending: Ending): void {
    const [now, answer] = [Date.now(), JSON.stringify(ending)];
    this.backlog.push(() => this.statements.addEvent.run(now, 'held', trial, 1, null, answer));
    this.flush();
  }

  /** A training begins.  On the disk within a second, as all that may be lost. */
  started(trial: number): void {
    const now = Date.now();
    this.soon(() => this.statements.startTrial.run(now, trial));
  }

  /** A point of a learning curve; likewise. */
  reported(trial: number, step: number, metrics: Readonly<Record<string, number>>): void {
    const [now, text] = [Date.now(), JSON.stringify(metrics)];
    this.soon(() => this.statements.addPoint.run(step, now, text, trial));
  }

  /** All that is kept of what an attempt wrote; likewise. */
  logged(trial: number, text: string): void {
    const now = Date.now();
    this.soon(() => this.statements.setLog.run(now, text, trial));
  }

  /** Throws why an ask cannot go on from the last, or what was told is not on the disk. */
  check(): void {
    if (this.failure !== undefined) throw this.failure;
    if (this.backlog.length > 0) this.flush();
  }

  /** Throws `STORAGE_FAILED` where something could not be brought to the disk. */
  close(): void {
    clearTimeout(this.timer);
    try {
      if (this.backlog.length > 0) this.flush();
    } finally {
      this.db.close();
      this.lock?.close();
    }
  }

  private changeOne(trial: number, { changes }: { changes: number }): void {
    if (changes === 1) return;
    throw new OptiProxyError('STORAGE_FAILED', {
      what: `storage ${this.file}, trial ${trial}`,
      expected: 'a running trial',
      given: 'one that another process has ended',
      hint: 'one process at a time may write to a study',
    });
  }

  /** With the next write, or in a second: what comes often need not wait for the disk each time. */
  private soon(write: () => void): void {
    this.backlog.push(write);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      try {
        this.flush();
      } catch {
        // The next call that can throw will say so.
      }
    }, SOON).unref();
  }

  /** What is written meanwhile is on the disk together, or not at all.  Throws `STORAGE_FAILED`; it is kept then. */
  together(work: () => void): void {
    this.gathering = true;
    try {
      work();
    } finally {
      this.gathering = false;
    }
    this.flush();
  }

  /** All of it or nothing. */
  private flush(): void {
    if (this.gathering) return;
    try {
      this.db.transaction(() => this.backlog.forEach((write) => write())).immediate();
      this.backlog.length = 0;
      clearTimeout(this.timer);
      this.timer = undefined;
    } catch (cause) {
      throw cause instanceof OptiProxyError ? cause : storageError(this.file, cause);
    }
  }

  private define(definition: Definition, version: string): void {
    const { definition: read, define } = this.statements;
    const stored = read.get() as string | undefined;
    if (stored === undefined) {
      define.run(JSON.stringify(definition), Date.now(), version);
      return;
    }
    const old = (JSON.parse(stored) ?? {}) as Definition;
    const wanted = JSON.parse(JSON.stringify(definition)) as Definition;
    for (const name of new Set([...Object.keys(old), ...Object.keys(wanted)])) {
      // What an older version did not know was not there.
      const [before, now] = [old[name] ?? null, wanted[name] ?? null];
      if (isDeepStrictEqual(before, now)) continue;
      throw new OptiProxyError('STUDY_MISMATCH', {
        what: `storage ${this.file}, ${name}`,
        expected: before === null ? 'none' : printable(before),
        given: now ?? 'none',
        hint: 'the file is of another study: give what it was made with, or another file',
      });
    }
  }
}

/** Data with its digest behind it: a method believes what it remembers, and SQLite does not notice a wrong byte. */
function sealed(data: Buffer): Buffer {
  return Buffer.concat([data, createHash('sha256').update(data).digest().subarray(0, DIGEST)]);
}

function prepare(db: Database) {
  return {
    definition: db.prepare('SELECT definition FROM study').pluck(),
    define: db.prepare('INSERT INTO study VALUES (1, ?, ?, ?)'),
    state: db.prepare('SELECT method FROM state').pluck(),
    addTrial: db.prepare(
      "INSERT INTO trials (id, architecture, genes, state, round, cheap, predicted, low, high, known, asked) VALUES (?, ?, ?, 'asked', ?, ?, ?, ?, ?, ?, ?)",
    ),
    endTrial: db.prepare(
      "UPDATE trials SET state = ?, metrics = ?, error = ?, finished = ? WHERE id = ? AND state IN ('asked', 'running')",
    ),
    startTrial: db.prepare(
      "UPDATE trials SET state = 'running', started = coalesce(started, ?), attempts = attempts + 1 WHERE id = ? AND state IN ('asked', 'running')",
    ),
    // Of the attempt that goes on: those of earlier sessions count.
    addPoint: db.prepare('INSERT INTO curves SELECT id, attempts, ?, ?, ? FROM trials WHERE id = ?'),
    setLog: db.prepare('INSERT OR REPLACE INTO logs SELECT id, attempts, ?, ? FROM trials WHERE id = ?'),
    letGo: db.prepare("UPDATE trials SET state = 'asked' WHERE state = 'running'"),
    addEvent: db.prepare('INSERT INTO events (at, kind, trial, count, diagnostics, answer) VALUES (?, ?, ?, ?, ?, ?)'),
    setState: db.prepare('INSERT OR REPLACE INTO state VALUES (1, ?)'),
  };
}
