import { jobKey, type Entry, type Job, type RunRecord } from './run.js';
import type { RunLog } from './log.js';
import type { Pool } from './pool.js';
import type { Task } from './task.js';

/** A task with the name that its runs go by. */
export interface PlannedTask {
  readonly task: Task;
  readonly digest: string;
}

/** A run that did not end: it is no result, and is tried again when the comparison is. */
export interface Failure {
  readonly task: string;
  readonly method: string;
  readonly seed: number;
  readonly message: string;
}

export interface Tally {
  /** Runs finished or failed, those of earlier processes included. */
  done: number;
  total: number;
  /** Of `done`, how many were there from the start. */
  resumed: number;
}

export interface Outcome {
  /** Finished runs by `jobKey`. */
  readonly runs: ReadonlyMap<string, RunRecord>;
  readonly failures: readonly Failure[];
}

/**
 * Every (task, seed, method), task by task and seed by seed, so that a worker loads a table once, and whatever is done
 * already compares all methods on the same seeds.
 */
export function jobsOf({ task, digest }: PlannedTask, entries: readonly Entry[], seeds: readonly number[]): Job[] {
  const { space, isomorphism, table, options, pool, objective, metrics, constraints, queries } = task;
  const source = { space, isomorphism, table, options, pool, objective, metrics, constraints };
  return seeds.flatMap((seed) => entries.map((entry) => ({ task: source, digest, entry, seed, queries })));
}

/**
 * Does the runs that the log lacks, `workers` at once, each logged when it is finished.  One that fails does not stop the
 * others.  When the signal fires nothing more starts, runs in progress are dropped, and what is finished is returned.  The
 * pool is closed in the end.
 */
export async function runAll(
  planned: readonly PlannedTask[],
  entries: readonly Entry[],
  seeds: readonly number[],
  {
    log,
    pool,
    workers,
    signal,
    onProgress,
  }: {
    log: RunLog;
    pool: Pool;
    workers: number;
    signal: AbortSignal;
    onProgress: (tally: Tally) => void;
  },
): Promise<Outcome> {
  const runs = new Map<string, RunRecord>();
  const failures: Failure[] = [];
  const waiting: { name: string; job: Job }[] = [];
  let total = 0;
  for (const plan of planned) {
    for (const job of jobsOf(plan, entries, seeds)) {
      const known = log.get(jobKey(job));
      if (known === undefined) waiting.push({ name: plan.task.name, job });
      else runs.set(jobKey(job), known);
      ++total;
    }
  }
  const resumed = runs.size;
  const tell = (): void => onProgress({ done: runs.size + failures.length, total, resumed });
  tell();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < waiting.length && !signal.aborted) {
      const { name, job } = waiting[next++]!;
      const outcome = await pool.run(job).catch((error: Error) => error);
      if ('message' in outcome) {
        if (signal.aborted) return; // the workers were ended under it
        failures.push({ task: name, method: job.entry.label, seed: job.seed, message: outcome.message });
      } else {
        await log.add(outcome);
        runs.set(jobKey(job), outcome);
      }
      tell();
    }
  };
  const close = (): void => void pool.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    await Promise.all(Array.from({ length: Math.min(workers, waiting.length) }, lane));
  } finally {
    signal.removeEventListener('abort', close);
    await pool.close();
  }
  return { runs, failures };
}
