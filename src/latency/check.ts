import { OptiProxyError } from '../errors.js';
import { runtimeLoads } from '../onnx/runtime.js';
import { Session } from '../onnx/session.js';
import { deriveSeed, SeedLane } from '../random.js';
import { coreOf } from '../space/explore.js';
import type { SearchSpace } from '../space/types.js';
import type { Uncertainty } from './export.js';
import { deviationOf, slopeAt } from './interval.js';
import type { Meaning } from './learn.js';
import type { Beliefs } from './network.js';

/** Random architectures that are compared. */
const COMPARED = 1000;
/** Both compute in float32, in another order. */
const TOLERANCE = 1e-5;
/** Of float32. */
const RESOLUTION = 2 ** -24;

/** The ensemble that a model was made of. */
export interface NativeModel {
  readonly predict: (genes: Uint8Array) => Promise<Beliefs>;
  readonly meaning: Meaning;
  readonly uncertainty: Uncertainty;
}

/**
 * The largest difference between a model in onnxruntime and the ensemble that it was made of, relative to the value, or
 * where that is more to what a deviation of the targets comes to there; undefined if onnxruntime-node is not installed or does not load.
 * Rejects with `INTERNAL` beyond 1e-5.
 */
export async function differenceFromRuntime(
  model: Uint8Array,
  space: SearchSpace,
  metric: string,
  { predict, meaning, uncertainty }: NativeModel,
  { seed, threads }: { readonly seed: number; readonly threads: number },
): Promise<number | undefined> {
  if (!runtimeLoads()) return undefined;
  const { genes } = coreOf(space).draw(COMPARED, deriveSeed(seed, SeedLane.Compared, 0), 0);
  const { means, spreads } = await predict(genes);
  const example = space.parse(space.example);
  const session = await Session.open({
    model,
    program: space.program,
    example,
    output: metric,
    also: ['deviation'],
    threads,
  });
  const [values, deviations] = await session.evaluate(genes).finally(() => session.close());
  let largest = 0;
  const compare = (given: number, wanted: number, slope: number): void => {
    const difference = Math.abs(given - wanted) / Math.max(Math.abs(wanted), slope);
    if (!(difference <= largest)) largest = difference;
  };
  means.forEach((mean, i) => {
    const value = meaning.invert(mean);
    // What float32 cannot add to the value is nothing, as where all that was learnt from is the same.
    const slope = Math.max(slopeAt(meaning.curve, mean), Math.abs(value) * RESOLUTION);
    compare(values![i]!, value, slope);
    compare(deviations![i]!, deviationOf(uncertainty, slopeAt(meaning.curve, mean), spreads[i]!), slope);
  });
  if (largest <= TOLERANCE) return largest;
  throw new OptiProxyError('INTERNAL', {
    what: 'the model in onnxruntime',
    expected: `what the native model predicts, within ${TOLERANCE}`,
    given: `a difference of ${largest}`,
  });
}
