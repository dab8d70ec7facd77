import type { Observations } from '../baselines/method.js';
import type { FitPlan } from '../native.js';
import type { Ensemble, WorkContext } from '../proxy/ensemble.js';
import { logGap, standardise, type LabelTransform } from '../proxy/labels.js';
import { fitWindow } from './window.js';

/** How an ensemble learns from a history. */
export interface LearnPlan {
  /** `standard`: mean 0, deviation 1. Otherwise the log of the gap to the best, with this softness (see `logGap`). */
  readonly labels: 'standard' | { readonly logGap: number };
  readonly fit: Omit<FitPlan, 'seed' | 'round'>;
  /** Gradient steps a round and member at most: past this many samples a fit takes fewer epochs, so that its cost is bounded. */
  readonly maxFitSteps: number;
  /** Samples that a fit sees at most (see `fitWindow`); `maxFitSteps` must hold an epoch of them. */
  readonly maxFitSamples: number;
}

/** Fits an ensemble, from the parameters that it has, to a bounded part of the history.  An abort leaves them half-way. */
export async function learn(
  ensemble: Ensemble,
  history: Observations,
  plan: LearnPlan,
  stream: { readonly seed: number; readonly round: number },
  context: WorkContext,
): Promise<LabelTransform> {
  const { labels, fit, maxFitSteps, maxFitSamples } = plan;
  const window = fitWindow(history, maxFitSamples, stream.seed, stream.round);
  const values = Array.from(window, (id) => history.value(id));
  const transform = labels === 'standard' ? standardise(values) : logGap(values, labels.logGap);
  const batches = Math.ceil(window.length / fit.batch);
  const epochs = Math.max(1, Math.min(fit.epochs, Math.floor(maxFitSteps / batches)));
  await ensemble.fit(history.genesOf(window), transform.targets, { ...fit, epochs, ...stream }, context);
  return transform;
}
