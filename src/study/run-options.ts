import { checkInteger, checkKeys, checkMethod, OptiProxyError } from '../errors.js';
import { checkOracle, type CheckedFidelity } from './fidelity.js';
import type { Fidelity, RunOptions } from './types.js';

const runKeys = [
  'oracle',
  'queries',
  'epochs',
  'concurrency',
  'async',
  'timeoutMs',
  'heartbeatMs',
  'retries',
  'backoffMs',
  'failures',
  'signal',
  'onTrial',
  'onReport',
  'onRound',
  'onProgress',
];

/** The longest time that Node's timers know. */
const LONGEST_MS = 2 ** 31 - 1;

/** What a run may do, checked: full trainings that it is to have paid for in the end, and what else bounds it. */
export interface CheckedRun {
  readonly budget: number;
  readonly concurrency: number;
  readonly atOnce: boolean;
  readonly failures: number;
}

/** Throws `INVALID_ARGUMENT`. */
export function checkRun(options: RunOptions, fidelity: CheckedFidelity | undefined, objective: string): CheckedRun {
  checkKeys('options', options, runKeys);
  const { oracle, timeoutMs, heartbeatMs, retries = 0, backoffMs = 0 } = options;
  if (typeof oracle !== 'function') {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: 'options.oracle',
      expected: 'a function of an architecture',
      given: oracle,
    });
  }
  const budget = budgetOf(options, fidelity);
  checkOracle(oracle, fidelity, objective);
  checkMethod('options.signal', options.signal, 'an AbortSignal');
  for (const name of ['onTrial', 'onReport', 'onRound', 'onProgress'] as const)
    checkMethod(`options.${name}`, options[name], 'a function');
  if (options.async !== undefined && typeof options.async !== 'boolean')
    throw new OptiProxyError('INVALID_ARGUMENT', { what: 'options.async', expected: 'true or false', given: options.async }); // prettier-ignore
  for (const [name, ms] of Object.entries({ timeoutMs, heartbeatMs }))
    if (ms !== undefined) checkInteger(`options.${name}`, ms, 1, LONGEST_MS);
  checkInteger('options.retries', retries, 0, 1000);
  checkInteger('options.backoffMs', backoffMs, 0, LONGEST_MS);
  return {
    budget,
    concurrency: checkInteger('options.concurrency', options.concurrency ?? 1, 1, 100_000),
    atOnce: options.async === true,
    failures: checkInteger('options.failures', options.failures ?? 1, 1, Number.MAX_SAFE_INTEGER),
  };
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
