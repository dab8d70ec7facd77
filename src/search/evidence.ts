import type { Observations } from '../baselines/method.js';
import { shifted, type LabelTransform } from '../proxy/labels.js';
import { labelsOf, type LearnPlan } from './learn.js';
import { keyOf } from './screening.js';
import type { Stream } from './surrogate.js';
import { fitWindow } from './window.js';

/** How much a Gaussian process learns from at most. */
export interface EvidencePlan extends LearnPlan {
  readonly mixture: {
    /** Architectures that were measured in full (see `fitWindow`). */
    readonly maxProcessSamples: number;
    /** The same of those that were measured at a low fidelity. */
    readonly maxProcessScreens: number;
  };
}

/** What a Gaussian process learns from. */
export interface Evidence {
  /** Of what was measured in full; undefined if that is less than two, of which no unit can be told. */
  readonly labels: LabelTransform | undefined;
  /** The best target. */
  readonly best: number;
  readonly genes: Uint8Array;
  readonly targets: Float32Array;
  /** 1 for each that was measured at a low fidelity; undefined if nothing was. */
  readonly cheap: Uint8Array | undefined;
}

/** A bounded part of the history with its targets; `known`: the labels of what was measured in full. */
export function evidenceOf(
  history: Observations,
  known: LabelTransform | undefined,
  plan: EvidencePlan,
  stream: Stream,
): Evidence {
  const { maxProcessSamples, maxProcessScreens } = plan.mixture;
  const { seed, round } = stream;
  const { screened } = history;
  const full = fitWindow(history, maxProcessSamples, seed, round);
  if (screened === undefined || screened.length === 0) {
    const targets = Float32Array.from(full, (id) => known!.target(history.value(id)));
    return { labels: known, best: bestOf(history, known), genes: history.genesOf(full), targets, cheap: undefined };
  }
  const low = fitWindow(screened, maxProcessScreens, seed, round);
  const { labels: cheapLabels } = labelsOf(screened, plan, stream);
  const lowTarget = (id: number): number => cheapLabels.target(screened.value(id));
  const both = meanOfBoth(history.genesOf(full), full.length, low, screened, lowTarget);
  // Those that were promoted are better than what was screened in the mean, by as much as their cheap results say, and both
  // must mean the same to one process.
  const labels = known && shifted(known, both);
  return {
    labels: full.length < 2 ? undefined : labels,
    best: bestOf(history, labels),
    genes: new Uint8Array(Buffer.concat([history.genesOf(full), screened.genesOf(low)])),
    targets: Float32Array.of(...Array.from(full, (id) => labels!.target(history.value(id))), ...Array.from(low, lowTarget)), // prettier-ignore
    cheap: Uint8Array.from({ length: full.length + low.length }, (_, i) => (i < full.length ? 0 : 1)),
  };
}

function bestOf(history: Observations, labels: LabelTransform | undefined): number {
  return labels === undefined ? 0 : labels.target(history.value(history.byValue()[0]!));
}

/** The mean target of those of the screened `low` that are among `count` measured in full; 0 where none are. */
function meanOfBoth(
  fullGenes: Uint8Array,
  count: number,
  low: Int32Array,
  screened: Observations,
  target: (id: number) => number,
): number {
  const keys = (genes: Uint8Array, n: number): string[] =>
    Array.from({ length: n }, (_, i) => keyOf(genes.subarray((i * genes.length) / n, ((i + 1) * genes.length) / n)));
  const full = new Set(keys(fullGenes, count));
  const lowKeys = keys(screened.genesOf(low), low.length);
  const both = low.filter((_, i) => full.has(lowKeys[i]!));
  return both.reduce((sum, id) => sum + target(id), 0) / Math.max(1, both.length);
}
