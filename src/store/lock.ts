import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { OptiProxyError } from '../errors.js';
import { openDatabase, storageError, type Database } from './sqlite.js';

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
