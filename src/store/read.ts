import { z } from 'zod';
import { OptiProxyError } from '../errors.js';
import { versionOf } from './schema.js';
import { openDatabase, storageError, type Database } from './sqlite.js';
import type { Definition } from './store.js';

/** A trial as a file has it. */
export interface StoredTrial {
  readonly id: number;
  readonly architecture: string;
  /** `asked`: nobody has begun to query it. */
  readonly state: 'asked' | 'running' | 'complete' | 'infeasible' | 'failed' | 'aborted';
  /** Attempts at its query. */
  readonly attempts: number;
  readonly round: number;
  /** Whether it is a shorter training. */
  readonly screening: boolean;
  /** What was told, and what was known before where that says nothing else. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly error: string | null;
  /** ISO 8601. */
  readonly asked: string;
  readonly finished: string | null;
}

export interface StoredStudy {
  readonly definition: Definition;
  readonly created: string;
  /** Version of the package that made it. */
  readonly version: string;
  readonly trials: readonly StoredTrial[];
}

/** What readers of a definition rely on. */
const shape = z.looseObject({
  objectives: z.array(z.looseObject({ metric: z.string(), goal: z.enum(['maximize', 'minimize']) })).min(1),
  constraints: z.array(z.looseObject({ metric: z.string() })),
});

interface Row {
  id: number;
  architecture: string;
  state: StoredTrial['state'];
  round: number;
  cheap: number;
  known: string | null;
  metrics: string | null;
  error: string | null;
  asked: number;
  /** Absent in files of version 1, whose trials that go on are called running. */
  attempts?: number;
  finished: number | null;
}

/** Reads a study, also while another process writes it.  Throws `STORAGE_FAILED` for what is none. */
export function readStudy(file: string): StoredStudy {
  return reading(file, (db) => {
    const study = db.prepare('SELECT definition, created, version FROM study').get() as
      { definition: string; created: number; version: string } | undefined;
    if (study === undefined) throw new OptiProxyError('STORAGE_FAILED', { what: `storage ${file}`, expected: 'a study', given: 'one that was never begun' }); // prettier-ignore
    const definition = shape.safeParse(JSON.parse(study.definition));
    if (!definition.success) throw new OptiProxyError('STORAGE_FAILED', { what: `storage ${file}`, expected: 'a study', given: study.definition }); // prettier-ignore
    const rows = db.prepare('SELECT * FROM trials ORDER BY id').all() as Row[];
    return {
      definition: definition.data,
      created: new Date(study.created).toISOString(),
      version: study.version,
      trials: rows.map(trialOf),
    };
  });
}

/** What an attempt at a trial reported and wrote. */
export interface StoredAttempt {
  readonly attempt: number;
  readonly curve: readonly { readonly step: number; readonly metrics: Readonly<Record<string, number>> }[];
  readonly log: string;
}

/** The attempts at a trial that reported or wrote something.  Throws `STORAGE_FAILED`. */
export function readAttempts(file: string, trial: number): StoredAttempt[] {
  return reading(file, (db, version) => {
    if (version < 2) return [];
    const points = db.prepare('SELECT attempt, step, metrics FROM curves WHERE trial = ? ORDER BY rowid').all(trial) as { attempt: number; step: number; metrics: string }[]; // prettier-ignore
    const logs = db.prepare('SELECT attempt, text FROM logs WHERE trial = ? ORDER BY attempt').all(trial) as { attempt: number; text: string }[]; // prettier-ignore
    const attempts = [...new Set([...points, ...logs].map(({ attempt }) => attempt))].sort((a, b) => a - b);
    return attempts.map((attempt) => ({
      attempt,
      curve: points.filter((point) => point.attempt === attempt).map(({ step, metrics }) => ({ step, metrics: JSON.parse(metrics) as Record<string, number> })), // prettier-ignore
      log: logs.filter((log) => log.attempt === attempt).map(({ text }) => text).join(''), // prettier-ignore
    }));
  });
}

function reading<T>(file: string, read: (db: Database, version: number) => T): T {
  let db: Database | undefined;
  try {
    db = openDatabase(file, true);
    const version = versionOf(db, file);
    if (version === 0) {
      throw new OptiProxyError('STORAGE_FAILED', { what: `storage ${file}`, expected: 'a study', given: 'an empty database' }); // prettier-ignore
    }
    return read(db, version);
  } catch (cause) {
    throw cause instanceof OptiProxyError ? cause : storageError(file, cause);
  } finally {
    db?.close();
  }
}

function trialOf({ cheap, known, metrics, asked, finished, attempts = 0, ...row }: Row): StoredTrial {
  const { id, architecture, state, round, error } = row;
  const parsed = (text: string | null): Record<string, number> =>
    text === null ? {} : (JSON.parse(text) as Record<string, number>);
  return {
    id,
    architecture,
    state,
    round,
    screening: cheap === 1,
    metrics: { ...parsed(known), ...parsed(metrics) },
    error,
    attempts,
    asked: new Date(asked).toISOString(),
    finished: finished === null ? null : new Date(finished).toISOString(),
  };
}
