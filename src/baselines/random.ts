import type { SearchSpace } from '../space/types.js';
import { BaselineSearch } from './baseline.js';

/** Uniform random search without replacement: the baseline that every method must beat. */
export function randomSearch(space: SearchSpace, seed: number, only?: Uint8Array): BaselineSearch {
  return new BaselineSearch(space, seed, Infinity, () => [], only);
}
