import { appendFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { OptiProxyError } from '../errors.js';
import { readWholeLines } from '../files.js';
import { runKey, type RunRecord } from './run.js';

/** Finished runs, kept across processes if they have a file. */
export interface RunLog {
  /** Where they are; undefined if only in memory. */
  readonly file: string | undefined;
  get(key: string): RunRecord | undefined;
  add(record: RunRecord): Promise<void>;
}

/**
 * The runs of FOLDER/runs.ndjson, one JSON object a line.  A line that was being written when a process died is taken off,
 * and that run is done again.  Throws `INVALID_ARGUMENT` for another line that is no run.
 */
export async function openRunLog(folder: string | undefined): Promise<RunLog> {
  const runs = new Map<string, RunRecord>();
  const file = folder === undefined ? undefined : path.join(folder, 'runs.ndjson');
  if (file !== undefined) {
    await mkdir(folder!, { recursive: true });
    (await readWholeLines(file)).split('\n').forEach((line, i) => {
      if (line === '') return;
      const record = parseRun(line, `${file} line ${i + 1}`);
      runs.set(runKey(record), record);
    });
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
