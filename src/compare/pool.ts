import path from 'node:path';
import { Piscina } from 'piscina';
import type { Job, RunRecord } from './run.js';

/** What does jobs, several at once. */
export interface Pool {
  /** Rejects if the run fails, or the worker it is in dies; the pool goes on. */
  run(job: Job): Promise<RunRecord>;
  /** Ends every worker, whatever it is at. */
  close(): Promise<void>;
}

/** A pool of worker threads. */
export function threadPool(workers: number, script = path.join(__dirname, 'worker.js')): Pool {
  const pool = new Piscina<Job, RunRecord>({ filename: script, minThreads: workers, maxThreads: workers });
  return {
    run: (job) => pool.run(job),
    close: () => pool.destroy(),
  };
}

/**
 * Native work runs on libuv's threads, which all workers share; there are four unless this is called before the first of
 * them starts.
 */
export function makeRoomForWorkers(workers: number): void {
  process.env['UV_THREADPOOL_SIZE'] ??= String(Math.min(1024, workers + 4));
}
