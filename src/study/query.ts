import { setTimeout as sleep } from 'node:timers/promises';
import { OptiProxyError, printable } from '../errors.js';
import type { Ending } from '../store/store.js';
import { nameOf } from './trials.js';
import type { Metrics, OracleContext, RunOptions, Trial } from './types.js';

/** Milliseconds that an oracle has to answer, or to let go, after its signal has fired. */
const GRACE = 10_000;
/** The longest wait between two attempts. */
const LONGEST_WAIT = 300_000;
/** Characters of the end of an attempt's log that are kept. */
const LOG = 65_536;

/** What a query tells of itself while it goes on. */
export interface QueryEvents {
  started(id: number, attempt: number): void;
  reported(id: number, attempt: number, step: number, metrics: Metrics): void;
  logged(id: number, attempt: number, text: string): void;
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
    events.started(trial.id, attempt);
    const log = new Log();
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
      if (log.text !== '') events.logged(trial.id, attempt, log.text);
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

/** The end of what an attempt writes. */
class Log {
  text = '';

  add(text: string): void {
    this.text += text;
    if (this.text.length > 2 * LOG) this.text = this.text.slice(-LOG);
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
  const late = watch(own, timeoutMs, heartbeatMs);
  let over = false;
  const answer = (async () =>
    oracle(trial.architecture, {
      ...context,
      signal: own.signal,
      trial: trial.id,
      report: (step, metrics) => {
        if (over) return;
        late.alive();
        events.reported(trial.id, context.attempt, step, metrics);
      },
      log: (text) => {
        if (over) return;
        late.alive();
        log.add(text);
      },
    }))();
  try {
    return await Promise.race([answer, late.promise]);
  } catch (error) {
    // An oracle that lets go because it took too long has not failed of itself.
    throw late.error ?? error;
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
    grace ??= setTimeout(() => reject(watched.error!), GRACE);
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
    hint: 'every result so far is kept; run again to go on',
    cause,
  });
}
