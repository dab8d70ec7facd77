import { OptiProxyError } from '../errors.js';
import { version } from '../metadata.js';
import { Study } from '../study/study.js';
import { guardedOracle } from './guard.js';
import { toldBy, type OpenedTask, type TaskSource } from './task.js';

/** A method under the name that reports give it. */
export interface Entry {
  /** Unique in a comparison: `NAME` or `NAME@PRESET`. */
  readonly label: string;
  readonly method: string;
  readonly preset?: string | undefined;
}

/** One search to be done, in plain data. */
export interface Job {
  readonly task: TaskSource;
  readonly digest: string;
  readonly entry: Entry;
  readonly seed: number;
  readonly queries: number;
}

/** A finished search: a line of runs.ndjson.  The first five fields name it. */
export interface RunRecord {
  /** Digest of the task. */
  readonly task: string;
  /** Label of the method. */
  readonly method: string;
  readonly seed: number;
  /** Budget. */
  readonly queries: number;
  readonly version: string;
  readonly stopped: 'budget' | 'exhausted';
  /**
   * The objective of each query, in order, null of what breaks a constraint; fewer than the budget if the search ran out of
   * architectures.
   */
  readonly values: readonly (number | null)[];
  readonly best: { readonly architecture: string; readonly query: number };
  readonly isa: string;
  /** Milliseconds; `wallMs` from opening the study to its last query. */
  readonly timings: { wallMs: number; fitMs: number; climbMs: number; acquireMs: number };
}

/** Text that names a run: what its outcome depends on, on one kind of processor. */
export function runKey(run: Pick<RunRecord, 'task' | 'method' | 'seed' | 'queries' | 'version'>): string {
  return JSON.stringify([run.task, run.method, run.seed, run.queries, run.version]);
}

export const jobKey = ({ digest, entry, seed, queries }: Job): string =>
  runKey({ task: digest, method: entry.label, seed, queries, version });

/** One study from its first ask to its last query, on one thread, the table behind a guard. */
export async function runOnce({ space, table, pool, metrics }: OpenedTask, job: Job): Promise<RunRecord> {
  const { entry, seed, queries, task } = job;
  const { metric } = task.objective;
  const study = await Study.open({
    space,
    objectives: [{ ...task.objective }],
    seed,
    method: entry.method,
    threads: 1,
    device: 'cpu',
    ...(entry.preset === undefined ? {} : { preset: entry.preset }),
    ...(pool === undefined ? {} : { pool }),
    ...(task.constraints.length === 0 ? {} : { metrics: { ...metrics }, constraints: [...task.constraints] }),
  });
  try {
    const { stopped, reason } = await study.run({
      oracle: guardedOracle(space, table, toldBy(task), queries),
      queries,
    });
    const { fitMs, climbMs, acquireMs, totalMs } = study.timings;
    const { best } = study;
    if (best === undefined || stopped === 'infeasible') {
      throw new OptiProxyError('INVALID_ARGUMENT', {
        what: `${entry.label}, seed ${seed}`,
        expected: 'a feasible architecture within the budget',
        given: reason,
      });
    }
    return {
      task: job.digest,
      method: entry.label,
      seed,
      queries,
      version,
      stopped,
      values: study.trace().map(({ metrics, broken }) => (broken === undefined ? metrics[metric]! : null)),
      best: { architecture: best.architecture, query: best.query! },
      isa: study.isa,
      timings: { wallMs: totalMs, fitMs, climbMs, acquireMs },
    };
  } finally {
    study.close();
  }
}
