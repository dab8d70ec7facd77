import type { OracleContext } from '../../src/oracle/context.js';

/** What a run tells an oracle. */
export function contextOf(given: Partial<OracleContext> = {}): OracleContext {
  const signal = new AbortController().signal;
  return { signal, seed: 1, budget: 1, trial: 1, attempt: 1, report: () => {}, log: () => {}, ...given };
}
