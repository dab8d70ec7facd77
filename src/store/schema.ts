import { OptiProxyError } from '../errors.js';
import { openDatabase, type Database } from './sqlite.js';

/** "Opti", which tells a study from other databases. */
const APPLICATION = 0x4f707469;

/**
 * What brings a file from one version to the next: appended to, never changed, so that whatever was written can be read.
 * Rows are never deleted, and of a trial only its end is written over its beginning.
 */
const migrations: readonly string[] = [
  `CREATE TABLE study (
     id INTEGER PRIMARY KEY CHECK (id = 1),
     definition TEXT NOT NULL,   -- JSON: what makes it this study
     created INTEGER NOT NULL,   -- milliseconds since 1970
     version TEXT NOT NULL       -- of the package
   ) STRICT;
   CREATE TABLE trials (
     id INTEGER PRIMARY KEY,     -- 1, 2, 3... in the order asked
     architecture TEXT NOT NULL,
     genes BLOB NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('running', 'complete', 'failed')),
     round INTEGER NOT NULL,
     cheap INTEGER NOT NULL CHECK (cheap IN (0, 1)),
     predicted REAL, low REAL, high REAL,   -- of the objective, turned so that larger is better
     known TEXT,                 -- JSON: metrics that were known before
     metrics TEXT,               -- JSON: what was told
     error TEXT,                 -- why it failed
     asked INTEGER NOT NULL,
     finished INTEGER
   ) STRICT;
   CREATE TABLE events (
     number INTEGER PRIMARY KEY AUTOINCREMENT,
     at INTEGER NOT NULL,
     kind TEXT NOT NULL CHECK (kind IN ('asked', 'told', 'failed')),
     trial INTEGER NOT NULL,     -- the first, of those asked
     count INTEGER NOT NULL,     -- how many
     diagnostics TEXT            -- JSON: how a proxy found them
   ) STRICT;
   CREATE TABLE state (
     id INTEGER PRIMARY KEY CHECK (id = 1),
     method BLOB NOT NULL        -- what the next ask goes on from (node:v8 serialised)
   ) STRICT;`,
  // SQLite cannot change a CHECK: both tables are written anew.
  `CREATE TABLE trials_2 (
     id INTEGER PRIMARY KEY,     -- 1, 2, 3... in the order asked
     architecture TEXT NOT NULL,
     genes BLOB NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('asked', 'running', 'complete', 'infeasible', 'failed', 'aborted')),
     round INTEGER NOT NULL,
     cheap INTEGER NOT NULL CHECK (cheap IN (0, 1)),
     predicted REAL, low REAL, high REAL,   -- of the objective, turned so that larger is better
     known TEXT,                 -- JSON: metrics that were known before
     metrics TEXT,               -- JSON: what was told
     error TEXT,                 -- why there are no metrics
     asked INTEGER NOT NULL,
     started INTEGER,            -- its first attempt
     attempts INTEGER NOT NULL DEFAULT 0,
     finished INTEGER
   ) STRICT;
   INSERT INTO trials_2 SELECT id, architecture, genes, CASE state WHEN 'running' THEN 'asked' ELSE state END,
     round, cheap, predicted, low, high, known, metrics, error, asked, NULL, 0, finished FROM trials;
   DROP TABLE trials;
   ALTER TABLE trials_2 RENAME TO trials;
   CREATE TABLE events_2 (
     number INTEGER PRIMARY KEY AUTOINCREMENT,
     at INTEGER NOT NULL,
     kind TEXT NOT NULL CHECK (kind IN ('enqueued', 'asked', 'held', 'told', 'infeasible', 'failed', 'aborted')),
     trial INTEGER NOT NULL,     -- the first, of those asked
     count INTEGER NOT NULL,     -- how many
     diagnostics TEXT,           -- JSON: how a proxy found them
     answer TEXT                 -- JSON: how the trial is to end, where that is held until those before it have ended; what is enqueued
   ) STRICT;
   INSERT INTO events_2 SELECT number, at, kind, trial, count, diagnostics, NULL FROM events;
   DROP TABLE events;
   ALTER TABLE events_2 RENAME TO events;
   CREATE TABLE curves (
     trial INTEGER NOT NULL,
     attempt INTEGER NOT NULL,
     step REAL NOT NULL,
     at INTEGER NOT NULL,
     metrics TEXT NOT NULL       -- JSON: what was measured on the way
   ) STRICT;
   CREATE INDEX curves_trial ON curves (trial);
   CREATE TABLE logs (
     trial INTEGER NOT NULL,
     attempt INTEGER NOT NULL,
     at INTEGER NOT NULL,
     text TEXT NOT NULL,         -- the end of what an attempt wrote
     PRIMARY KEY (trial, attempt)
   ) STRICT, WITHOUT ROWID;`,
];

/** Reads of what version a database is.  Throws `STORAGE_FAILED` for another program's, or a newer one's. */
export function versionOf(db: Database, file: string): number {
  return db.transaction(() => {
    const application = db.pragma('application_id', { simple: true }) as number;
    const version = db.pragma('user_version', { simple: true }) as number;
    const tables = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() as number;
    if (application !== APPLICATION && (application !== 0 || tables > 0)) {
      throw new OptiProxyError('STORAGE_FAILED', {
        what: `storage ${file}`,
        expected: 'a study of optiproxy, or no file',
        given: "another program's database",
      });
    }
    if (version > migrations.length) {
      throw new OptiProxyError('STORAGE_FAILED', {
        what: `storage ${file}`,
        expected: `version ${migrations.length} or older`,
        given: `version ${version}`,
        hint: 'a newer optiproxy wrote it: update this one',
      });
    }
    return version;
  })();
}

/**
 * Throws for another program's file, which is left as it is: whoever may write to it would empty its log by closing it.  What a
 * process left half written when it was killed only a writer can look at.
 */
export function checkOurs(file: string): void {
  const look = openDatabase(file, true);
  try {
    versionOf(look, file);
  } catch (cause) {
    if (!((cause as { code?: string }).code ?? '').startsWith('SQLITE_READONLY')) throw cause;
  } finally {
    look.close();
  }
}

/** Brings a database to the newest version. */
export function migrate(db: Database, file: string): void {
  db.transaction(() => {
    for (const migration of migrations.slice(versionOf(db, file))) db.exec(migration);
    db.pragma(`application_id = ${APPLICATION}`);
    db.pragma(`user_version = ${migrations.length}`);
  }).immediate();
}
