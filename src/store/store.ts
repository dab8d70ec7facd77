import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import type { Diagnostics, MethodState, Proposal } from '../baselines/method.js';
import { OptiProxyError, printable } from '../errors.js';
import { migrate, versionOf } from './schema.js';
import { openDatabase, storageError, type Database } from './sqlite.js';

/** Version of what methods remember: a file with another cannot be gone on from. */
const STATE = 1;

/** What makes a study this one, by name; values are numbers, texts, and lists and objects of them. */
export type Definition = Readonly<Record<string, unknown>>;

/** What a method proposed, and how it is written. */
export interface Asked {
  readonly architecture: string;
  readonly proposal: Proposal;
}

/** What happened to a study, in the order in which it did. */
export type StoredEvent =
  | { readonly kind: 'asked'; readonly asked: readonly Asked[]; readonly diagnostics: Diagnostics | undefined }
  | { readonly kind: 'told'; readonly trial: number; readonly metrics: Record<string, number> }
  | { readonly kind: 'failed'; readonly trial: number; readonly reason: string };

interface TrialRow {
  architecture: string;
  genes: Buffer;
  round: number;
  cheap: number;
  predicted: number | null;
  low: number | null;
  high: number | null;
  known: string | null;
}

interface EventRow {
  kind: StoredEvent['kind'];
  trial: number;
  count: number;
  diagnostics: string | null;
  /** Of the trial. */
  metrics: string | null;
  error: string | null;
}

/**
 * A study in a SQLite file: what was asked and told is on the disk when a call returns, so that it outlives a kill and a power
 * failure.  Any number of processes may read it meanwhile; one writes.
 */
export class StudyStore {
  private readonly statements: ReturnType<typeof prepare>;
  /** What is not on the disk, in order: the next write brings it there first. */
  private readonly backlog: (() => void)[] = [];
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
      db = openDatabase(file);
      versionOf(db, file); // another program's file is left as it is
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
      return store;
    } catch (cause) {
      db?.close();
      lock?.close();
      throw cause instanceof OptiProxyError ? cause : storageError(file, cause);
    }
  }

  /** Everything that happened. */
  *events(): Generator<StoredEvent> {
    const { events, trials } = this.statements;
    const rows = trials.all() as TrialRow[]; // number i stands at i - 1
    for (const { kind, trial, count, diagnostics, metrics, error } of events.all() as EventRow[]) {
      if (kind === 'told') yield { kind, trial, metrics: JSON.parse(metrics!) as Record<string, number> };
      else if (kind === 'failed') yield { kind, trial, reason: error! };
      else {
        const asked = rows.slice(trial - 1, trial - 1 + count).map(askedOf);
        yield { kind, asked, diagnostics: diagnostics === null ? undefined : (JSON.parse(diagnostics) as Diagnostics) };
      }
    }
  }

  /** What the method goes on from; undefined before the first ask. */
  state(): MethodState | undefined {
    const data = this.statements.state.get() as Buffer | undefined;
    if (data === undefined) return undefined;
    const { version, state } = deserialize(data) as { version: number; state: MethodState };
    if (version === STATE) return state;
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
    const data = serialize({ version: STATE, state });
    this.backlog.push(() => {
      const { addTrial, addEvent, setState } = this.statements;
      asked.forEach(({ architecture, proposal }, i) => {
        const { genes, round, cheap, predicted, interval, known } = proposal;
        addTrial.run(first + i, architecture, Buffer.from(genes), round, cheap === true ? 1 : 0, predicted ?? null, interval?.[0] ?? null, interval?.[1] ?? null, known === undefined ? null : JSON.stringify(known), now); // prettier-ignore
      });
      addEvent.run(now, 'asked', first, asked.length, diagnostics === undefined ? null : JSON.stringify(diagnostics));
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
  told(trial: number, metrics: Readonly<Record<string, number>>): void {
    this.finish('told', trial, 'complete', JSON.stringify(metrics), null);
  }

  /** Likewise. */
  failed(trial: number, reason: string): void {
    this.finish('failed', trial, 'failed', null, reason);
  }

  /** Throws why an ask cannot go on from the last, or what was told is not on the disk. */
  check(): void {
    if (this.failure !== undefined) throw this.failure;
    if (this.backlog.length > 0) this.flush();
  }

  /** Throws `STORAGE_FAILED` where something could not be brought to the disk. */
  close(): void {
    try {
      if (this.backlog.length > 0) this.flush();
    } finally {
      this.db.close();
      this.lock?.close();
    }
  }

  private finish(
    kind: 'told' | 'failed',
    trial: number,
    state: string,
    metrics: string | null,
    error: string | null,
  ): void {
    const now = Date.now();
    this.backlog.push(() => {
      const { changes } = this.statements.endTrial.run(state, metrics, error, now, trial);
      if (changes !== 1) {
        throw new OptiProxyError('STORAGE_FAILED', {
          what: `storage ${this.file}, trial ${trial}`,
          expected: 'a running trial',
          given: 'one that another process has ended',
          hint: 'one process at a time may write to a study',
        });
      }
      this.statements.addEvent.run(now, kind, trial, 1, null);
    });
    this.flush();
  }

  /** All of it or nothing. */
  private flush(): void {
    try {
      this.db.transaction(() => this.backlog.forEach((write) => write())).immediate();
      this.backlog.length = 0;
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
    const old = JSON.parse(stored) as Definition;
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

/** The name of a file behind links: two names of a file are one study. */
export function realName(file: string): string {
  const whole = path.resolve(file);
  return existsSync(whole) ? realpathSync(whole) : whole;
}

/** Of a file that no other process writes: held until it is closed, or the process ends in whatever way. */
export function lockStudy(file: string): Database {
  const lock = openDatabase(`${realName(file)}.lock`);
  try {
    lock.pragma('busy_timeout = 0');
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (cause) {
    lock.close();
    if (!((cause as { code?: string }).code ?? '').startsWith('SQLITE_BUSY')) throw storageError(`${file}.lock`, cause);
    throw new OptiProxyError('STORAGE_FAILED', {
      what: `storage ${file}`,
      expected: 'one process that writes to it',
      given: 'a second: another has it open',
      hint: 'wait for the other, or end it',
      cause,
    });
  }
}

function askedOf({ architecture, genes, round, cheap, predicted, low, high, known }: TrialRow): Asked {
  const proposal: Proposal = {
    genes: new Uint8Array(genes),
    round,
    ...(cheap === 1 ? { cheap: true } : {}),
    ...(predicted === null ? {} : { predicted }),
    ...(low === null || high === null ? {} : { interval: [low, high] as const }),
    ...(known === null ? {} : { known: JSON.parse(known) as Record<string, number> }),
  };
  return { architecture, proposal };
}

function prepare(db: Database) {
  return {
    definition: db.prepare('SELECT definition FROM study').pluck(),
    define: db.prepare('INSERT INTO study VALUES (1, ?, ?, ?)'),
    events: db.prepare(
      'SELECT e.kind, e.trial, e.count, e.diagnostics, t.metrics, t.error FROM events e LEFT JOIN trials t ON t.id = e.trial ORDER BY e.number',
    ),
    trials: db.prepare('SELECT architecture, genes, round, cheap, predicted, low, high, known FROM trials ORDER BY id'),
    state: db.prepare('SELECT method FROM state').pluck(),
    addTrial: db.prepare(
      "INSERT INTO trials (id, architecture, genes, state, round, cheap, predicted, low, high, known, asked) VALUES (?, ?, ?, 'running', ?, ?, ?, ?, ?, ?, ?)",
    ),
    endTrial: db.prepare(
      "UPDATE trials SET state = ?, metrics = ?, error = ?, finished = ? WHERE id = ? AND state = 'running'",
    ),
    addEvent: db.prepare('INSERT INTO events (at, kind, trial, count, diagnostics) VALUES (?, ?, ?, ?, ?)'),
    setState: db.prepare('INSERT OR REPLACE INTO state VALUES (1, ?)'),
  };
}
