import { setMaxListeners } from 'node:events';
import { OptiProxyError, throwIfAborted, whenAborted } from '../errors.js';
import { constraintText, type Constraint } from '../metric/constraint.js';
import type { Units } from '../metric/units.js';
import type { Commits } from './commits.js';
import type { CheckedFidelity } from './fidelity.js';
import { query, type Answered } from './query.js';
import { checkRun, type CheckedRun } from './run-options.js';
import { nameOf } from './trials.js';
import type { Metrics, Objective, Progress, Round, RunOptions, RunResult, Trial, Warning } from './types.js';

/** Sums of parts of trainings are a little off. */
const ROUNDING = 1e-9;

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
  seedOf(id: number): number;
}

/** See `Study.run`.  `onOracleTime` is told the milliseconds spent waiting for the oracle. */
export async function runStudy(
  study: RunnableStudy,
  commits: Commits,
  options: RunOptions,
  onOracleTime: (ms: number) => void,
): Promise<RunResult> {
  const run = new Run(study, commits, options, checkRun(options, study.fidelity, study.objective.metric));
  try {
    return await run.toEnd(onOracleTime);
  } finally {
    run.release();
  }
}

class Run {
  /** Trials whose queries go on, and what these cost. */
  private readonly flying = new Map<number, number>();
  /** Trials that were asked for and wait for a query. */
  private queue: Trial[];
  /** Of the batch that is queried. */
  private size: number;
  private done = 0;
  /** Queries that failed since the last that did not: as they came in, and as they count. */
  private readonly streak = { seen: 0, counted: [] as { trial: Trial; error: OptiProxyError }[] };
  private readonly errors = new Map<number, OptiProxyError>();
  private failure: Error | undefined;
  /** Whether the last ask gave nothing. */
  private exhausted = false;
  /** Whether a query has ended since the last look. */
  private news = false;
  private over = false;
  private wake = (): void => {};
  private readonly stop = new AbortController();
  private readonly aborted: ReturnType<typeof whenAborted>;

  constructor(
    private readonly study: RunnableStudy,
    private readonly commits: Commits,
    private readonly options: RunOptions,
    private readonly checked: CheckedRun,
  ) {
    this.queue = commits.open;
    this.size = this.queue.length;
    this.aborted = whenAborted('run', options.signal);
    this.aborted.promise.catch(() => {
      this.stop.abort(options.signal!.reason);
      this.wake();
    });
    setMaxListeners(0, this.stop.signal); // one for each query in flight
  }

  async toEnd(onOracleTime: (ms: number) => void): Promise<RunResult> {
    this.commitHeld();
    for (;;) {
      throwIfAborted('run', this.options.signal);
      this.news = false;
      const goesOn = this.failure === undefined && this.streak.seen < this.checked.failures;
      try {
        if (goesOn && (await this.fill())) continue;
      } catch (error) {
        // What is in flight is still taken, unless nobody wants to wait.
        throwIfAborted('run', this.options.signal);
        this.failure = error as Error;
      }
      if (this.flying.size === 0) {
        if (this.failure !== undefined) throw this.failure;
        // What came in as a row of failures has others between them, in the order asked.
        this.streak.seen = 0;
        if (this.left < 1) return ended(this.study, 'budget');
        if (this.exhausted) return ended(this.study, 'exhausted', this.study.shortfall ?? 'no architecture is left');
        continue;
      }
      if (this.news) continue;
      const start = performance.now();
      const woken = new Promise<void>((resolve) => (this.wake = resolve));
      await woken;
      onOracleTime(performance.now() - start);
    }
  }

  /** Nobody waits any more; what is in flight is still taken. */
  release(): void {
    this.over = true;
    this.aborted.release();
  }

  /** Full trainings that are left, of what is finished. */
  private get left(): number {
    return this.checked.budget - this.study.spent + ROUNDING;
  }

  /** The same less what is in flight, or waits for its turn. */
  private get free(): number {
    let free = this.left;
    for (const cost of this.flying.values()) free -= cost;
    return free - this.commits.heldCost;
  }

  /** Starts as many queries as may be, and asks for more where it is time to; whether it got some. */
  private async fill(): Promise<boolean> {
    const { concurrency, atOnce } = this.checked;
    this.start();
    const time = atOnce ? this.flying.size < concurrency : this.flying.size === 0;
    if (this.queue.length > 0 || !time || this.left < 1 || (this.flying.size > 0 && this.free < 1)) return false;
    const { study } = this;
    const { length } = study.rounds;
    // Screenings cost less than trainings: what is left bounds them itself.
    const wanted = study.nextBatch(atOnce ? 1 : concurrency);
    const count = study.fidelity === undefined ? Math.max(1, Math.min(Math.floor(this.free), wanted)) : wanted;
    const asked = await study.ask(count, { signal: this.options.signal, onPhase: this.report, left: this.free });
    this.commits.take(asked);
    this.exhausted = asked.length === 0;
    [this.queue, this.size, this.done] = [asked, asked.length, 0];
    if (study.rounds.length > length) this.options.onRound?.(study.rounds.at(-1)!);
    throwIfAborted('run', this.options.signal);
    this.start();
    return asked.length > 0;
  }

  private start(): void {
    while (this.flying.size < this.checked.concurrency && this.queue.length > 0) {
      const [trial] = this.queue as [Trial];
      const { fidelity = 1 } = trial;
      // What is held waits for these: where nothing is in flight they are paid for first.
      if (fidelity > (this.flying.size === 0 ? this.left : this.free)) return;
      this.queue.shift();
      if (!this.commits.wants(trial.id)) {
        this.commitHeld(); // its caller told it, and others may have waited for that
        continue;
      }
      this.flying.set(trial.id, fidelity);
      void this.queryOne(trial);
    }
  }

  /** Never rejects. */
  private async queryOne(trial: Trial): Promise<void> {
    const { commits, options, study } = this;
    const { ledger } = commits;
    let answered: Answered | undefined;
    try {
      answered = await query(
        trial,
        options,
        { signal: this.stop.signal, seed: study.seedOf(trial.id), budget: trial.fidelity ?? 1 },
        {
          started: (id) => ledger.started(id),
          reported: (id, step, metrics) => {
            ledger.reported(id, step, metrics);
            this.tellReport(trial, step, metrics);
          },
          logged: (id, text) => ledger.logged(id, text),
          check: (id, ending) => commits.wants(id) && ledger.check(id, ending),
        },
      );
      if (answered !== undefined && commits.wants(trial.id)) this.take(trial, answered);
      this.commitHeld();
    } catch (error) {
      this.failure ??= error as Error;
    }
    this.flying.delete(trial.id);
    this.news = true;
    this.wake();
  }

  private take(trial: Trial, { ending, error }: Answered): void {
    this.streak.seen = error === undefined ? 0 : this.streak.seen + 1;
    if (error !== undefined) this.errors.set(trial.id, error);
    const counted = this.commits.answer(trial.id, ending, this.checked.atOnce);
    if (counted !== undefined) this.count(counted);
  }

  /** What the caller throws ends the run, not the training that reports. */
  private tellReport(trial: Trial, step: number, metrics: Metrics): void {
    try {
      if (!this.over) this.options.onReport?.(trial, step, metrics);
    } catch (error) {
      this.failure ??= error as Error;
    }
  }

  /** Counts what was waiting for an answer that has come. */
  private commitHeld(): void {
    for (let trial = this.commits.next(this.checked.atOnce); trial !== undefined; trial = this.commits.next(this.checked.atOnce)) this.count(trial); // prettier-ignore
  }

  /** A trial counts from now on. */
  private count(trial: Trial): void {
    const { counted } = this.streak;
    if (trial.state === 'failed') {
      const error = this.errors.get(trial.id) ?? new OptiProxyError('ORACLE_FAILED', { what: trial.error! });
      counted.push({ trial, error });
      this.errors.delete(trial.id);
      if (counted.length >= this.checked.failures) this.failure ??= diagnosis(counted);
    } else counted.length = 0;
    if (this.over) return;
    this.options.onTrial?.(trial);
    this.report('query', Math.min(1, ++this.done / this.size));
  }

  private readonly report = (phase: Progress['phase'], fraction: number): void => {
    const { study } = this;
    this.options.onProgress?.({
      phase,
      fraction,
      queries: study.queries,
      screened: study.screened,
      spent: study.spent,
      budget: this.checked.budget,
      ...(study.best === undefined ? {} : { best: study.best }),
      ...(study.rounds.length === 0 ? {} : { recent: study.rounds.at(-1)!.recent }),
      warnings: study.warnings,
    });
  };
}

/** Why a run ends that only fails. */
function diagnosis(failed: readonly { trial: Trial; error: OptiProxyError }[]): OptiProxyError {
  const last = failed.at(-1)!;
  const { code, message, cause } = last.error;
  if (failed.length === 1 && code === 'INVALID_METRICS') return last.error;
  if (failed.length === 1) return new OptiProxyError(code, { what: message, hint: 'every result so far is kept; run again to go on', cause }); // prettier-ignore
  // What they say without the names of their trials.
  const reasons = failed.map(({ trial, error }) =>
    (error.cause instanceof Error ? error.cause.message : error.message)
      .replace(nameOf(trial), '')
      .replace(/^[,:] /, ''),
  );
  const different = new Set(reasons).size;
  const same = different === 1 ? 'all of them alike' : `for ${different} reasons`;
  return new OptiProxyError('ORACLE_FAILED', {
    what: `${failed.length} queries in a row failed, ${same}, the last on ${nameOf(last.trial)}: ${reasons.at(-1)}`,
    hint: 'mend the oracle, then run again: it goes on from here, and enqueue asks again for what failed',
    cause: last.error,
  });
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
