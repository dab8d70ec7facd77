import { softLog, standardise, type Curve, type CurvedLabels } from '../proxy/labels.js';
import type { WorkContext } from '../proxy/slices.js';
import type { Network, Stream } from './network.js';

/** What the outputs of a network that has learnt stand for. */
export interface Meaning {
  readonly invert: (target: number) => number;
  readonly curve: Curve;
}

/** Teaches a network values (n) of genes (n, G). */
export type Learn = (
  network: Network,
  genes: Uint8Array,
  values: readonly number[],
  stream: Stream,
  context: WorkContext,
) => Promise<Meaning>;

/** Times are learnt by their logarithm; what can be below 0 as it is. */
export function labelsFor(values: readonly number[]): (values: readonly number[]) => CurvedLabels {
  return values.every((value) => value >= 0) ? softLog : standardise;
}

/** From fresh parameters. */
export function fromScratch(labelsOf: (values: readonly number[]) => CurvedLabels): Learn {
  return async (network, genes, values, stream, context) => {
    const labels = labelsOf(values);
    network.initialise(stream);
    await network.fit(genes, labels.targets, stream, context);
    return labels;
  };
}
