import type { Observations } from '../baselines/method.js';
import type { FitPlan } from '../native.js';
import type { Ensemble, Learnt } from '../proxy/ensemble.js';
import type { WorkContext } from '../proxy/slices.js';
import { scaled, type CurvedLabels, type LabelScale } from '../proxy/labels.js';
import type { Head } from './head.js';
import type { Stream } from './surrogate.js';
import { fitWindow } from './window.js';

/** How an ensemble learns from a history. */
export interface LearnPlan {
  /** `standard`: mean 0, deviation 1. Otherwise the log of the gap to the best, with this softness (see `logGap`). */
  readonly labels: Exclude<LabelScale, 'softLog'>;
  readonly fit: Omit<FitPlan, 'seed' | 'round'>;
  /** Gradient steps a round and member at most: past this many samples a fit takes fewer epochs, so that its cost is bounded. */
  readonly maxFitSteps: number;
  /** Samples that a fit sees at most (see `fitWindow`); `maxFitSteps` must hold an epoch of them. */
  readonly maxFitSamples: number;
}

/** What a fit learns from (see `fitWindow`), and the labels of it. */
export function labelsOf(
  history: Observations,
  { labels, maxFitSamples }: LearnPlan,
  { seed, round }: Stream,
): { readonly window: Int32Array; readonly labels: CurvedLabels } {
  const window = fitWindow(history, maxFitSamples, seed, round);
  const values = Array.from(window, (id) => history.value(id));
  return { window, labels: scaled(values, labels) };
}

/**
 * Fits an ensemble, from the parameters that it has, to a bounded part of the history, and to what its head learns beside it.
 * An abort leaves them half-way.
 */
export async function learn(
  ensemble: Ensemble,
  history: Observations,
  plan: LearnPlan,
  stream: Stream,
  context: WorkContext,
  head?: Head,
): Promise<CurvedLabels> {
  const { window, labels } = labelsOf(history, plan, stream);
  const queried = { genes: history.genesOf(window), targets: labels.targets };
  const { genes, targets } =
    head === undefined ? queried : await head.lesson(queried.genes, queried.targets, stream.round);
  const batches = Math.ceil(targets.length / ensemble.config.outputs / plan.fit.batch);
  const epochs = Math.max(1, Math.min(plan.fit.epochs, Math.floor(plan.maxFitSteps / batches)));
  await ensemble.fit(genes, targets, { ...plan.fit, epochs, ...stream }, context);
  return labels;
}

/** An ensemble, and what its targets stand for. */
export function learntOf(ensemble: Ensemble, labels: CurvedLabels): Learnt {
  return { config: ensemble.config, parameters: ensemble.snapshot(), labels };
}
