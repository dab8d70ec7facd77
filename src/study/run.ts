import {
  checkInteger,
  checkKeys,
  checkMethod,
  OptiProxyError,
  printable,
  throwIfAborted,
  whenAborted,
} from '../errors.js';
import { constraintText, type Constraint } from '../metric/constraint.js';
import type { Units } from '../metric/units.js';
import { checkOracle, type CheckedFidelity } from './fidelity.js';
import { nameOf } from './trials.js';
import type { Fidelity, Metrics, Objective, Progress, Round, RunOptions, RunResult, Trial, Warning } from './types.js';

/** Sums of parts of trainings are a little off. */
const ROUNDING = 1e-9;

const runKeys = ['oracle', 'queries', 'epochs', 'concurrency', 'signal', 'onTrial', 'onRound', 'onProgress'];

/** What a run needs of a study. */
interface RunnableStudy {
  readonly trials: readonly Trial[];
  readonly queries: number;
  readonly screened: number;
  readonly spent: number;
  readonly fidelity: CheckedFidelity | undefined;
  readonly objective: Objective;
  readonly best: Trial | undefined;
  readonly shortfall: string | undefined;
  readonly rounds: readonly Round[];
  readonly warnings: readonly Warning[];
  readonly constraints: readonly Constraint[];
  readonly units: Units;
  nextBatch(concurrency: number): number;
  ask(
    count: number,
    options: {
      signal?: AbortSignal | undefined;
      onPhase: (phase: Progress['phase'], fraction: number) => void;
      left: number;
    },
  ): Promise<Trial[]>;
  tell(id: number, metrics: Metrics): Promise<Trial>;
  fail(id: number, reason: string): Promise<Trial>;
  seedOf(id: number): number;
}

/** Trials that an earlier run asked for and left running (it was aborted): the next run queries them first. */
const unfinished = new WeakMap<RunnableStudy, Set<number>>();

/** Leaves these to the next run of a study: whoever asked for them is gone. */
export function leave(study: RunnableStudy, trials: readonly Trial[]): void {
  unfinished.set(study, new Set(trials.filter(({ state }) => state === 'running').map(({ id }) => id)));
}

/** See `Study.run`.  `onOracleTime` is told the milliseconds spent waiting for the oracle. */
export async function runStudy(
  study: RunnableStudy,
  options: RunOptions,
  onOracleTime: (ms: number) => void,
): Promise<RunResult> {
  checkKeys('options', options, runKeys);
  const { oracle, signal } = options;
  if (typeof oracle !== 'function') {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: 'options.oracle',
      expected: 'a function of an architecture',
      given: oracle,
    });
  }
  const budget = budgetOf(options, study.fidelity);
  checkOracle(oracle, study.fidelity, study.objective.metric);
  const concurrency = checkInteger('options.concurrency', options.concurrency ?? 1, 1, 100_000);
  checkMethod('options.signal', signal, 'an AbortSignal');
  checkMethod('options.onTrial', options.onTrial, 'a function');
  checkMethod('options.onRound', options.onRound, 'a function');
  checkMethod('options.onProgress', options.onProgress, 'a function');
  const owned = unfinished.get(study) ?? new Set<number>();
  unfinished.set(study, owned);
  const report = (phase: Progress['phase'], fraction: number): void =>
    options.onProgress?.({
      phase,
      fraction,
      queries: study.queries,
      screened: study.screened,
      spent: study.spent,
      budget,
      ...(study.best === undefined ? {} : { best: study.best }),
      ...(study.rounds.length === 0 ? {} : { recent: study.rounds.at(-1)!.recent }),
      warnings: study.warnings,
    });

  let batch: Trial[] = [...owned].map((id) => study.trials[id - 1]!).filter(({ state }) => state === 'running');
  for (;;) {
    throwIfAborted('run', signal);
    const left = budget - study.spent + ROUNDING;
    if (left < 1) return ended(study, 'budget');
    if (batch.length === 0) {
      const { length } = study.rounds;
      // Screenings cost less than trainings: what is left bounds them itself.
      const wanted = study.nextBatch(concurrency);
      const count = study.fidelity === undefined ? Math.min(Math.floor(left), wanted) : wanted;
      batch = await study.ask(count, { signal, onPhase: report, left });
      for (const { id } of batch) owned.add(id);
      if (study.rounds.length > length) options.onRound?.(study.rounds.at(-1)!);
    }
    if (batch.length === 0) {
      return ended(study, 'exhausted', study.shortfall ?? 'no architecture is left');
    }
    const start = performance.now();
    try {
      await queryAll(study, batch.splice(0, affordable(batch, left)), options, owned, report);
    } finally {
      onOracleTime(performance.now() - start);
    }
  }
}

/** What a run resolves to: that nothing feasible was found is more than why it ended. */
function ended(study: RunnableStudy, stopped: 'budget' | 'exhausted', reason?: string): RunResult {
  const { queries, best, constraints, trials, units } = study;
  const result = { queries, best, ...(reason === undefined ? {} : { reason }) };
  const finished = trials.filter(({ state }) => state !== 'running');
  const broken = finished.filter((trial) => trial.broken !== undefined).length;
  // Of a training that failed nobody knows.
  const none = trials.length === 0 || (broken > 0 && broken === finished.length);
  if (constraints.length === 0 || !none) return { stopped, ...result };
  const wanted = constraints.map((one) => constraintText(one, units)).join(', ');
  const why = trials.length === 0 ? reason! : `all ${broken} that were measured broke it`;
  return { stopped: 'infeasible', ...result, reason: `nothing that meets ${wanted} was found: ${why}` };
}

/** How many trials, from the first on, so many full trainings pay for: at least one. */
function affordable(batch: readonly Trial[], left: number): number {
  let cost = 0;
  const over = batch.findIndex(({ fidelity = 1 }) => (cost += fidelity) > left);
  return over < 0 ? batch.length : over;
}

/** Full trainings that a run is to have paid for in the end. */
function budgetOf({ queries, epochs }: RunOptions, fidelity: Fidelity | undefined): number {
  if (epochs === undefined) return checkInteger('options.queries', queries, 1, Number.MAX_SAFE_INTEGER);
  if (queries !== undefined || fidelity === undefined) {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: 'options.epochs',
      expected: queries === undefined ? 'a study with a fidelity' : 'either queries or epochs',
      given: queries === undefined ? 'one without' : 'both',
    });
  }
  const { fullEpochs } = fidelity;
  return checkInteger('options.epochs', epochs, fullEpochs, Number.MAX_SAFE_INTEGER) / fullEpochs;
}

/** Queries a batch with `concurrency` in flight; after a failure nothing new starts, and what is in flight is still told. */
async function queryAll(
  study: RunnableStudy,
  batch: readonly Trial[],
  options: RunOptions,
  owned: Set<number>,
  report: (phase: Progress['phase'], fraction: number) => void,
): Promise<void> {
  const { signal, concurrency = 1 } = options;
  const aborted = whenAborted('run', signal);
  let failure: Error | undefined;
  let next = 0;
  let done = 0;
  const worker = async (): Promise<void> => {
    while (next < batch.length && failure === undefined) {
      const trial = batch[next++]!;
      try {
        // A result that arrives after an abort is still told: the race is left, the query goes on.
        const finished = await Promise.race([query(study, trial, options), aborted.promise]);
        owned.delete(trial.id);
        options.onTrial?.(finished);
        report('query', ++done / batch.length);
      } catch (error) {
        failure ??= error as Error;
        if (study.trials[trial.id - 1]!.state !== 'running') owned.delete(trial.id);
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(concurrency, batch.length) }, worker));
  } finally {
    aborted.release();
  }
  if (failure !== undefined) throw failure;
}

/** One query, told or failed.  Rejects with `ORACLE_FAILED` or `INVALID_METRICS`, the trial then being failed. */
async function query(study: RunnableStudy, trial: Trial, { oracle, signal }: RunOptions): Promise<Trial> {
  try {
    const metrics = await oracle(trial.architecture, {
      signal: signal ?? new AbortController().signal,
      seed: study.seedOf(trial.id),
      budget: trial.fidelity ?? 1,
    });
    // An earlier run was aborted while it queried the same trial, and its oracle answered first.
    const now = study.trials[trial.id - 1]!;
    return now.state === 'running' ? await study.tell(trial.id, metrics) : now;
  } catch (cause) {
    const error =
      cause instanceof OptiProxyError && (cause.code === 'INVALID_METRICS' || cause.code === 'STORAGE_FAILED')
        ? cause
        : new OptiProxyError('ORACLE_FAILED', {
            what: `oracle failed on ${nameOf(trial)}: ${cause instanceof Error ? cause.message : printable(cause)}`,
            hint: 'every result so far is kept; run again to go on',
            cause,
          });
    // An oracle that rejects because it was told to stop has not failed: its trial can be queried again.
    if (signal?.aborted !== true && study.trials[trial.id - 1]!.state === 'running')
      await study.fail(trial.id, error.message);
    throw error;
  }
}
