import { appendFile, mkdir, readFile, truncate } from 'node:fs/promises';
import path from 'node:path';
import { OptiProxyError } from '../errors.js';
import { runKey, type RunRecord } from './run.js';

/** Finished runs, kept across processes if they have a file. */
export interface RunLog {
  /** Where they are; undefined if only in memory. */
  readonly file: string | undefined;
  get(key: string): RunRecord | undefined;
  add(record: RunRecord): Promise<void>;
}

/**
 * The runs of FOLDER/runs.ndjson, one JSON object a line.  What stands behind the last line feed was being written when a
 * process died: it is taken off, and that run is done again.  Throws `INVALID_ARGUMENT` for another line that is no run.
 */
export async function openRunLog(folder: string | undefined): Promise<RunLog> {
  const runs = new Map<string, RunRecord>();
  const file = folder === undefined ? undefined : path.join(folder, 'runs.ndjson');
  if (file !== undefined) {
    await mkdir(folder!, { recursive: true });
    for (const record of await readRuns(file)) runs.set(runKey(record), record);
  }
  return {
    file,
    get: (key) => runs.get(key),
    async add(record) {
      runs.set(runKey(record), record);
      if (file !== undefined) await appendFile(file, `${JSON.stringify(record)}\n`);
    },
  };
}

async function readRuns(file: string): Promise<RunRecord[]> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (bytes === undefined) return [];
  const whole = bytes.lastIndexOf('\n') + 1;
  if (whole < bytes.length) await truncate(file, whole);
  return bytes
    .toString('utf8', 0, whole)
    .split('\n')
    .flatMap((line, i) => (line === '' ? [] : [parseRun(line, `${file} line ${i + 1}`)]));
}

function parseRun(line: string, where: string): RunRecord {
  let run: Partial<RunRecord> | undefined;
  try {
    run = JSON.parse(line) as Partial<RunRecord>;
  } catch {
    // said below
  }
  if (typeof run?.task === 'string' && Array.isArray(run.values) && typeof run.best?.architecture === 'string')
    return run as RunRecord;
  throw new OptiProxyError('INVALID_ARGUMENT', {
    what: where,
    expected: 'a run of an earlier comparison',
    given: line,
    hint: 'take the line out, or name another folder',
  });
}
