import type { SearchSpace } from '../space/types.js';
import { BaselineSearch } from './baseline.js';
import type { Permitted } from './permitted.js';

/** Uniform random search without replacement: the baseline that every method must beat. */
export function randomSearch(space: SearchSpace, seed: number, permitted?: Permitted): BaselineSearch {
  return new BaselineSearch(space, seed, Infinity, async () => ({ genes: [] }), permitted);
}
