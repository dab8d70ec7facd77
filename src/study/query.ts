import { setTimeout as sleep } from 'node:timers/promises';
import { OptiProxyError, printable } from '../errors.js';
import type { Ending } from '../store/store.js';
import { checkMetrics } from './options.js';
import { nameOf } from './trials.js';
import type { Metrics, OracleContext, RunOptions, Trial } from './types.js';

/** Milliseconds that an oracle has to answer, or to let go, after its signal has fired. */
const GRACE = 10_000;
/** The longest wait between two attempts. */
const LONGEST_WAIT = 300_000;
/** Milliseconds after which more of a log is kept. */
const KEEP_MS = 2000;
/** Characters of the end of an attempt's log that are kept. */
const LOG = 65_536;

/** What a query tells of itself while it goes on. */
export interface QueryEvents {
  started(id: number): void;
  reported(id: number, step: number, metrics: Metrics): void;
  /** All that is kept of what an attempt wrote so far. */
  logged(id: number, text: string): void;
  /** Throws where a trial cannot end so. */
  check(id: number, ending: Ending): void;
}

/** How a query ended; `error`: why it failed. */
export interface Answered {
  readonly ending: Ending;
  readonly error?: OptiProxyError;
}

type Policy = Pick<RunOptions, 'oracle' | 'timeoutMs' | 'heartbeatMs' | 'retries' | 'backoffMs'>;

/**
 * Asks an oracle about a trial, again where that fails, as often as may be.  Undefined where `signal` fired and the oracle let go:
 * the trial can then be queried again.
 */
export async function query(
  trial: Trial,
  policy: Policy,
  context: Pick<OracleContext, 'seed' | 'budget' | 'signal'>,
  events: QueryEvents,
): Promise<Answered | undefined> {
  const { retries = 0, backoffMs = 1000 } = policy;
  for (let attempt = 1; ; ++attempt) {
    events.started(trial.id);
    const log = new Log((text) => events.logged(trial.id, text));
    let error: OptiProxyError;
    try {
      const metrics = await attemptOf(trial, policy, { ...context, attempt }, events, log);
      const ending: Ending = { state: 'complete', metrics };
      events.check(trial.id, ending);
      return { ending };
    } catch (cause) {
      if ((cause as { code?: unknown } | null)?.code === 'INFEASIBLE') {
        const reason = cause instanceof Error ? cause.message : 'it cannot be trained';
        return { ending: { state: 'infeasible', reason } };
      }
      if (context.signal.aborted) return undefined;
      error = failureOf(trial, cause);
    } finally {
      log.end();
    }
    if (attempt > retries) return { ending: { state: 'failed', reason: error.message }, error };
    const wait = Math.min(backoffMs * 2 ** (attempt - 1), LONGEST_WAIT);
    try {
      await sleep(wait, undefined, { signal: context.signal });
    } catch {
      return undefined;
    }
  }
}

/** The end of what an attempt writes, which is kept as it goes: trainings take hours. */
class Log {
  private text = '';
  private readonly timer = setInterval(() => this.save(), KEEP_MS).unref();
  private fresh = false;

  constructor(private readonly keep: (text: string) => void) {}

  /** The last line that is not empty. */
  get lastLine(): string {
    return this.text.slice(-LOG).split('\n').filter((line) => line.trim() !== '').at(-1) ?? ''; // prettier-ignore
  }

  add(text: string): void {
    if (text === '') return;
    this.text += text;
    if (this.text.length > 2 * LOG) this.text = this.text.slice(-LOG);
    this.fresh = true;
  }

  end(): void {
    clearInterval(this.timer);
    this.save();
  }

  private save(): void {
    if (this.fresh) this.keep(this.text.slice(-LOG));
    this.fresh = false;
  }
}

async function attemptOf(
  trial: Trial,
  { oracle, timeoutMs, heartbeatMs }: Policy,
  { signal, ...context }: Pick<OracleContext, 'seed' | 'budget' | 'signal' | 'attempt'>,
  events: QueryEvents,
  log: Log,
): Promise<Metrics> {
  const own = new AbortController();
  const onAbort = (): void => own.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  const late = watch(own, timeoutMs, heartbeatMs, GRACE + (oracle.graceMs ?? 0));
  let over = false;
  const answer = (async () =>
    oracle(trial.architecture, {
      ...context,
      signal: own.signal,
      trial: trial.id,
      report: (step, metrics) => {
        if (over) return;
        late.alive();
        checkPoint(trial, step);
        events.reported(trial.id, step, checkMetrics(`${nameOf(trial)}, step ${step}`, metrics, []));
      },
      log: (text) => {
        if (over) return;
        late.alive();
        log.add(String(text));
      },
    }))();
  try {
    return await Promise.race([answer, late.promise]);
  } catch (error) {
    // An oracle that lets go because it took too long has not failed of itself.
    if (late.error === undefined) throw error;
    const { lastLine } = log;
    throw lastLine === '' ? late.error : new OptiProxyError('ORACLE_FAILED', { what: `${late.error.message}; it wrote last: ${printable(lastLine)}` }); // prettier-ignore
  } finally {
    over = true;
    late.stop();
    signal.removeEventListener('abort', onAbort);
  }
}

/** Fires a signal when an attempt takes too long, or gives no sign of life; rejects where it does not let go then. */
function watch(
  own: AbortController,
  timeoutMs: number | undefined,
  heartbeatMs: number | undefined,
  graceMs: number,
): { promise: Promise<never>; error: OptiProxyError | undefined; alive: () => void; stop: () => void } {
  let reject: (error: Error) => void;
  let beat: NodeJS.Timeout | undefined;
  let grace: NodeJS.Timeout | undefined;
  const promise = new Promise<never>((_, no) => (reject = no));
  promise.catch(() => {}); // nobody may be waiting
  const expire = (what: string, ms: number): void => {
    watched.error ??= new OptiProxyError('ORACLE_FAILED', {
      what: `no ${what} within ${ms / 1000} s`,
    });
    own.abort(watched.error);
    grace ??= setTimeout(() => reject(watched.error!), graceMs);
  };
  const whole = timeoutMs === undefined ? undefined : setTimeout(() => expire('answer', timeoutMs), timeoutMs);
  const watched = {
    promise,
    error: undefined as OptiProxyError | undefined,
    alive: (): void => {
      clearTimeout(beat);
      if (heartbeatMs !== undefined) beat = setTimeout(() => expire('sign of life', heartbeatMs), heartbeatMs);
    },
    stop: (): void => [whole, beat, grace].forEach((timer) => clearTimeout(timer)),
  };
  watched.alive();
  return watched;
}

function failureOf(trial: Trial, cause: unknown): OptiProxyError {
  if (cause instanceof OptiProxyError && cause.code === 'INVALID_METRICS') return cause;
  return new OptiProxyError('ORACLE_FAILED', {
    what: `oracle failed on ${nameOf(trial)}: ${cause instanceof Error ? cause.message : printable(cause)}`,
    cause,
  });
}

function checkPoint(trial: Trial, step: unknown): void {
  if (Number.isFinite(step)) return;
  throw new OptiProxyError('INVALID_METRICS', { what: `${nameOf(trial)}, a point of the learning curve`, expected: 'a finite step', given: step }); // prettier-ignore
}
