import { compareRuns, type Comparison, type ReportedTask } from '../../src/compare/comparison.js';
import { runAll, type Outcome, type Tally } from '../../src/compare/engine.js';
import { openRunLog } from '../../src/compare/log.js';
import type { Pool } from '../../src/compare/pool.js';
import type { Entry, RunRecord } from '../../src/compare/run.js';
import { openReport, openTask, populationOf, taskDigest, type Task } from '../../src/compare/task.js';
import work from '../../src/compare/worker.js';

export const entry = (label: string): Entry => {
  const [method, preset] = label.split('@');
  return { label, method: method!, preset };
};

/** A task of Digits-201, whose table ships. */
export const digitsTask = (changes: Partial<Task> = {}): Task => ({
  name: 'digits',
  space: 'digits201',
  options: {},
  objective: { metric: 'val_acc', goal: 'maximize' },
  queries: 15,
  report: ['test_acc'],
  metrics: [],
  constraints: [],
  ...changes,
});

export async function prepared(task: Task): Promise<ReportedTask> {
  const opened = await openTask(task);
  const { space } = opened;
  return {
    task,
    digest: await taskDigest(task, opened),
    space,
    population: await populationOf(task, opened),
    look: await openReport(task, space),
  };
}

/** Workers of this thread. */
export const herePool: Pool = { run: work, close: async () => {} };

export interface Setting {
  tasks: readonly ReportedTask[];
  entries: readonly Entry[];
  seeds: readonly number[];
  folder?: string;
  workers?: number;
  pool?: Pool;
  /** Called with the tally; may stop the comparison. */
  onProgress?: (tally: Tally, stop: () => void) => void;
}

export async function runHere(setting: Setting): Promise<{ outcome: Outcome; comparison: Comparison }> {
  const { tasks, entries, seeds, folder, workers = 1, pool = herePool, onProgress = () => {} } = setting;
  const stop = new AbortController();
  const outcome = await runAll(tasks, entries, seeds, {
    log: await openRunLog(folder),
    pool,
    workers,
    signal: stop.signal,
    onProgress: (tally) => onProgress(tally, () => stop.abort()),
  });
  const about = { skipped: [], command: 'optiproxy compare', workers: 1 };
  return { outcome, comparison: compareRuns(tasks, entries, seeds, outcome, about) };
}

/** A comparison, or anything else, without what a clock measured. */
export function withoutTimes<T>(value: T): T {
  const text = JSON.stringify(value, (key, v: unknown) => (/^(timings|wallMs|overheadMs)$/.test(key) ? undefined : v));
  return JSON.parse(text) as T;
}

/** A run as the log holds it. */
export const record = (changes: Partial<RunRecord> = {}): RunRecord => ({
  task: 't',
  method: 'random',
  seed: 1,
  queries: 3,
  version: '0',
  stopped: 'budget',
  values: [1, 3, 2],
  best: { architecture: 'b', query: 2 },
  isa: 'none',
  timings: { wallMs: 3, fitMs: 1, climbMs: 1, acquireMs: 1 },
  ...changes,
});
