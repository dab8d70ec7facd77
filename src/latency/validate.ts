import type { WorkContext } from '../proxy/slices.js';
import { geneCount, keepGenes } from '../space/genes.js';
import type { SearchSpace } from '../space/types.js';
import type { Folds } from './folds.js';
import { slopeAt, type Held } from './interval.js';
import type { Learn } from './learn.js';
import type { Network } from './network.js';

/** Measurements (n) of genes (n, G), cut into parts. */
export interface Samples {
  readonly genes: Uint8Array;
  readonly values: readonly number[];
  readonly folds: Folds;
}

/** Predicts each fold from the others; `context` is asked for once a fold. */
export async function crossValidate(
  { program }: SearchSpace,
  network: Network,
  learn: Learn,
  { genes, values, folds }: Samples,
  seed: number,
  context: () => WorkContext,
): Promise<Held[]> {
  const genesOf = (kept: (i: number) => boolean): Uint8Array => keepGenes(genes, geneCount(program), kept);
  const held: Held[] = [];
  for (let fold = 0; fold < folds.count; ++fold) {
    const inside = (i: number): boolean => folds.fold[i] === fold;
    const outside = (i: number): boolean => !inside(i);
    const others = values.filter((_, i) => outside(i));
    const work = context();
    const { invert, curve } = await learn(network, genesOf(outside), others, { seed, round: fold }, work);
    const { means, spreads } = await network.predict(genesOf(inside), { signal: work.signal });
    const own = values.filter((_, i) => inside(i));
    own.forEach((value, at) => {
      const mean = means[at]!;
      held.push({ fold, value, predicted: invert(mean), slope: slopeAt(curve, mean), spread: spreads[at]! });
    });
  }
  return held;
}

/** Mean absolute error in the unit of the targets, where all count alike. */
export function meanError(held: readonly Held[]): number {
  return held.reduce((sum, { predicted, value, slope }) => sum + Math.abs(predicted - value) / slope, 0) / held.length;
}
