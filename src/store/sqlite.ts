import type Sqlite from 'better-sqlite3';
import { OptiProxyError } from '../errors.js';
import { loadPeer } from '../peers.js';

export type Database = Sqlite.Database;

const PACKAGE = 'better-sqlite3';
/** Milliseconds that a write waits for another program's: the event loop stands still meanwhile. */
const PATIENCE = 1000;

/** The version of better-sqlite3 that would be used; undefined where there is none. */
export function sqliteVersion(): string | undefined {
  try {
    return (loadPeer(`${PACKAGE}/package.json`) as { version: string }).version;
  } catch {
    return undefined;
  }
}

/** Says what SQLite refused to do with a file. */
export function storageError(file: string, cause: unknown): OptiProxyError {
  const { code = '', message } = cause as { code?: string; message: string };
  const hints: [string, string][] = [
    ['SQLITE_NOTADB', 'another file by this name is in the way: choose another'],
    [
      'SQLITE_CORRUPT',
      'the file is damaged: put a copy in its place, or read what is left of it with the sqlite3 shell',
    ],
    ['SQLITE_FULL', 'the disk is full: make room and run again; everything that was told before is kept'],
    ['SQLITE_READONLY', 'the file, or its folder, cannot be written to'],
    ['SQLITE_CANTOPEN', 'does it exist, or its folder if it is to be made, and may it be opened?'],
    ['SQLITE_BUSY', 'another program is writing to it: end that, and run again'],
  ];
  const hint = hints.find(([prefix]) => code.startsWith(prefix))?.[1] ?? (cause instanceof TypeError ? 'does its folder exist?' : undefined); // prettier-ignore
  return new OptiProxyError('STORAGE_FAILED', {
    what: `storage ${file}: ${message}${code === '' ? '' : ` (${code})`}`,
    ...(hint === undefined ? {} : { hint }),
    cause,
  });
}

/** What is missing where the package does not load. */
function peerMissing(cause: unknown): OptiProxyError {
  return new OptiProxyError('RUNTIME_MISSING', {
    what: PACKAGE,
    expected: 'the package, which keeps studies in files',
    given: (cause as Error).message.split('\n')[0],
    hint: `npm install ${PACKAGE}@12, or npm rebuild ${PACKAGE} after another Node.js was installed`,
    cause,
  });
}

/** Opens a file, or `:memory:`; `readonly`: one that is there.  Throws `RUNTIME_MISSING` without the package, `STORAGE_FAILED` for what is no database. */
export function openDatabase(file: string, readonly = false): Database {
  let open: typeof Sqlite;
  try {
    open = loadPeer(PACKAGE) as typeof Sqlite;
  } catch (cause) {
    throw peerMissing(cause);
  }
  try {
    return new open(file, { timeout: PATIENCE, readonly });
  } catch (cause) {
    // Its own addon is loaded only now.
    const sqlite = ((cause as { code?: string }).code ?? '').startsWith('SQLITE_');
    throw sqlite || cause instanceof TypeError ? storageError(file, cause) : peerMissing(cause);
  }
}
