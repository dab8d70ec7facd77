import { OptiProxyError } from '../errors.js';
import { versionOf } from './schema.js';
import { openDatabase, storageError, type Database } from './sqlite.js';
import type { Definition } from './store.js';

/** A trial as a file has it. */
export interface StoredTrial {
  readonly id: number;
  readonly architecture: string;
  readonly state: 'running' | 'complete' | 'failed';
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
  finished: number | null;
}

/** Reads a study, also while another process writes it.  Throws `STORAGE_FAILED` for what is none. */
export function readStudy(file: string): StoredStudy {
  let db: Database | undefined;
  try {
    db = openDatabase(file, true);
    if (versionOf(db, file) === 0) {
      throw new OptiProxyError('STORAGE_FAILED', { what: `storage ${file}`, expected: 'a study', given: 'an empty database' }); // prettier-ignore
    }
    const study = db.prepare('SELECT definition, created, version FROM study').get() as
      { definition: string; created: number; version: string } | undefined;
    if (study === undefined) throw new OptiProxyError('STORAGE_FAILED', { what: `storage ${file}`, expected: 'a study', given: 'one that was never begun' }); // prettier-ignore
    const rows = db.prepare('SELECT * FROM trials ORDER BY id').all() as Row[];
    return {
      definition: JSON.parse(study.definition) as Definition,
      created: new Date(study.created).toISOString(),
      version: study.version,
      trials: rows.map(trialOf),
    };
  } catch (cause) {
    throw cause instanceof OptiProxyError ? cause : storageError(file, cause);
  } finally {
    db?.close();
  }
}

function trialOf({ cheap, known, metrics, asked, finished, ...row }: Row): StoredTrial {
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
    asked: new Date(asked).toISOString(),
    finished: finished === null ? null : new Date(finished).toISOString(),
  };
}
