import { ByteIndex } from '../oracle/byte-index.js';
import { deriveSeed, Draws, SeedLane } from '../random.js';

/** Up to this many measurements each is left out on its own, up to the other the folds are ten, beyond five. */
const LEAVE_ONE_OUT = 20;
const TEN_FOLDS = 50;

/** Parts of measurements. */
export interface Folds {
  readonly fold: Uint32Array;
  readonly count: number;
  /** Measurements that are not of the same. */
  readonly groups: number;
}

/**
 * The fold (n), 0..count-1, of each measurement.  Those whose canonical keys (n, 16) are equal share one, so that nothing is
 * predicted from a measurement of the same thing.  A function of the seed.
 */
export function foldsOf(keys: Uint8Array, seed: number): Folds {
  const index = new ByteIndex(16);
  const group = Uint32Array.from({ length: keys.length / 16 }, (_, i) => {
    const earlier = index.add(keys, i * 16);
    return earlier < 0 ? index.size - 1 : earlier;
  });
  const wanted = group.length <= LEAVE_ONE_OUT ? group.length : group.length < TEN_FOLDS ? 10 : 5;
  const count = Math.min(wanted, index.size);
  const draws = new Draws(deriveSeed(seed, SeedLane.Folds, 0));
  const order = Uint32Array.from({ length: index.size }, (_, i) => i);
  for (let i = order.length - 1; i > 0; --i) {
    const j = draws.below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return { fold: group.map((g) => order[g]! % count), count, groups: index.size };
}
