import { checkInteger, checkKeys, OptiProxyError } from '../errors.js';
import type { Constraint } from '../metric/constraint.js';
import type { Fidelity, Metrics, Oracle } from './types.js';

/**
 * What a screening may cost: a correlation of 0.95, the highest that the process learns, explains nine tenths of the variance,
 * and a screening is worth it while that is more than twice its cost.
 */
const MOST_COST = 0.4;

/** A fidelity of which everything is said. */
export type CheckedFidelity = Readonly<Required<Fidelity>>;

/** Checks a fidelity, if there is one, and fills in the objective as its metric.  Throws `INVALID_ARGUMENT`. */
export function checkFidelity(fidelity: Fidelity | undefined, objective: string): CheckedFidelity | undefined {
  if (fidelity === undefined) return undefined;
  const what = 'options.fidelity';
  checkKeys(what, fidelity, ['epochs', 'fullEpochs', 'metric']);
  const { metric = objective } = fidelity;
  const fullEpochs = checkInteger(`${what}.fullEpochs`, fidelity.fullEpochs, 3, Number.MAX_SAFE_INTEGER);
  const hint = 'screening may cost two fifths of a full training at most, better a tenth';
  const epochs = checkInteger(`${what}.epochs`, fidelity.epochs, 1, Math.floor(MOST_COST * fullEpochs), hint);
  if (typeof metric !== 'string' || metric === '') {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: `${what}.metric`,
      expected: 'the name of a metric',
      given: metric,
    });
  }
  return Object.freeze({ epochs, fullEpochs, metric });
}

/** Throws `INVALID_ARGUMENT` for a table that would answer a screening with what the full training measured. */
export function checkOracle(oracle: Oracle, fidelity: CheckedFidelity | undefined, objective: string): void {
  if (fidelity === undefined || fidelity.metric !== objective || !('architectures' in oracle)) return;
  throw new OptiProxyError('INVALID_ARGUMENT', {
    what: 'options.oracle',
    expected: 'a training, or a fidelity with a metric of its own',
    given: 'a table',
    hint: 'like fidelity: { epochs, fullEpochs, metric }, the metric being a column of what fewer epochs measure',
  });
}

/** Part of a full training that a screening is, 0..1. */
export const costOf = ({ epochs, fullEpochs }: Fidelity): number => epochs / fullEpochs;

/**
 * What a screening is said to have measured: of a metric with a name of its own that and what constraints are on, since a table that has it answers
 * with what only the full training measures too.
 */
export function screeningMetrics(
  metrics: Metrics,
  { metric }: CheckedFidelity,
  objective: string,
  constraints: readonly Constraint[],
): Metrics {
  if (metric === objective) return metrics;
  const kept = [metric, ...constraints.map((one) => one.metric)].filter((name) => Object.hasOwn(metrics, name));
  return Object.freeze(Object.fromEntries(kept.map((name) => [name, metrics[name]!])));
}
