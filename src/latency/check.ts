import { OptiProxyError } from '../errors.js';
import { runModel } from '../onnx/run.js';
import { runtimeVersion } from '../onnx/runtime.js';
import { deriveSeed, SeedLane } from '../random.js';
import { coreOf } from '../space/explore.js';
import type { SearchSpace } from '../space/types.js';
import type { Uncertainty } from './export.js';
import { feedsOf } from './feeds.js';
import { deviationOf, slopeAt } from './interval.js';
import type { Meaning } from './learn.js';
import type { Beliefs } from './network.js';

/** Random architectures that are compared. */
const COMPARED = 1000;
/** Both compute in float32, in another order. */
const TOLERANCE = 1e-5;

/** The ensemble that a model was made of. */
export interface NativeModel {
  readonly predict: (genes: Uint8Array) => Promise<Beliefs>;
  readonly meaning: Meaning;
  readonly uncertainty: Uncertainty;
}

/**
 * The largest difference between a model in onnxruntime and the ensemble that it was made of, relative to the value
 * (the deviation's too), or to `scale` where that is more; undefined if onnxruntime-node is not installed.  Rejects with `INTERNAL` beyond 1e-5.
 */
export async function differenceFromRuntime(
  model: Uint8Array,
  space: SearchSpace,
  metric: string,
  { predict, meaning, uncertainty }: NativeModel,
  { seed, threads, scale }: { readonly seed: number; readonly threads: number; readonly scale: number },
): Promise<number | undefined> {
  if (runtimeVersion() === undefined) return undefined;
  const { genes } = coreOf(space).draw(COMPARED, deriveSeed(seed, SeedLane.Compared, 0), 0);
  const { means, spreads } = await predict(genes);
  let at = 0;
  let largest = 0;
  const compare = (given: number, wanted: number, size: number): void => {
    const difference = Math.abs(given - wanted) / (Math.max(size, scale) || 1);
    if (!(difference <= largest)) largest = difference;
  };
  for await (const outputs of runModel(model, feedsOf(space, genes), threads)) {
    const deviations = outputs['deviation']!;
    outputs[metric]!.forEach((value, i) => {
      const wanted = meaning.invert(means[at]!);
      const deviation = deviationOf(uncertainty, slopeAt(meaning.curve, means[at]!), spreads[at]!);
      compare(value, wanted, Math.abs(wanted));
      compare(deviations[i]!, deviation, Math.max(Math.abs(wanted), deviation));
      at += 1;
    });
  }
  if (largest <= TOLERANCE) return largest;
  throw new OptiProxyError('INTERNAL', {
    what: 'the model in onnxruntime',
    expected: `what the native model predicts, within ${TOLERANCE}`,
    given: `a difference of ${largest}`,
  });
}
