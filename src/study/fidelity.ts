import { checkInteger, OptiProxyError } from '../errors.js';
import { checkKeys } from './options.js';
import type { Fidelity, Metrics } from './types.js';

/** A fidelity of which everything is said. */
export type CheckedFidelity = Readonly<Required<Fidelity>>;

/** Checks a fidelity, if there is one, and fills in the objective as its metric.  Throws `INVALID_ARGUMENT`. */
export function checkFidelity(fidelity: Fidelity | undefined, objective: string): CheckedFidelity | undefined {
  if (fidelity === undefined) return undefined;
  const what = 'options.fidelity';
  checkKeys(what, fidelity, ['epochs', 'fullEpochs', 'metric']);
  const { metric = objective } = fidelity;
  const fullEpochs = checkInteger(`${what}.fullEpochs`, fidelity.fullEpochs, 3, Number.MAX_SAFE_INTEGER);
  const hint = 'screening must cost less than half of a full training, better a tenth';
  const epochs = checkInteger(`${what}.epochs`, fidelity.epochs, 1, Math.ceil(fullEpochs / 2) - 1, hint);
  if (typeof metric !== 'string' || metric === '') {
    throw new OptiProxyError('INVALID_ARGUMENT', {
      what: `${what}.metric`,
      expected: 'the name of a metric',
      given: metric,
    });
  }
  return Object.freeze({ epochs, fullEpochs, metric });
}

/** Part of a full training that a screening is, 0..1. */
export const costOf = ({ epochs, fullEpochs }: Fidelity): number => epochs / fullEpochs;

/**
 * What a screening is said to have measured: of a metric with a name of its own that alone, since a table that has it answers
 * with what only the full training measures too.
 */
export function screeningMetrics(metrics: Metrics, { metric }: CheckedFidelity, objective: string): Metrics {
  return metric === objective ? metrics : Object.freeze({ [metric]: metrics[metric]! });
}
