import type { SearchSpace } from '../space/types.js';
import { BaselineSearch, type Chosen, type Memory } from './baseline.js';
import type { Candidates } from './candidates.js';
import type { Permitted } from './permitted.js';
import type { Observations } from './method.js';

/**
 * Local search (White et al. 2021, "Exploring the loss landscape in neural architecture search"): from the best of a few
 * random architectures, neighbours are queried in random order; the first better one becomes the centre.  Where none of
 * its neighbours is left, the search starts anew from a random architecture.
 */
export function localSearch(space: SearchSpace, seed: number, init: number, permitted?: Permitted): BaselineSearch {
  const descent = new Descent(seed);
  const memory: Memory<unknown> = { get: () => descent.place, set: (place) => (descent.place = place as Place) };
  return new BaselineSearch(space, seed, init, (...args) => descent.choose(...args), permitted, memory);
}

/** Where a descent is. */
interface Place {
  /** Number of the first architecture of the present start, and of its centre; 0 where it has none yet. */
  readonly start: number;
  readonly centre: number;
  /** Neighbours of the centre that were not asked yet. */
  readonly neighbours: readonly Uint8Array[];
}

class Descent {
  place: Place = { start: 1, centre: 0, neighbours: [] };

  constructor(private readonly seed: number) {}

  async choose(count: number, history: Observations, candidates: Candidates): Promise<Chosen> {
    const { start, centre, neighbours } = await this.nearest(history, candidates);
    const genes = neighbours.slice(0, count);
    // A centre whose neighbours are used up is a local optimum: the next start counts from here.  Where nothing of this
    // start was answered yet, it goes on with random ones.
    const ended = genes.length < count;
    const next: Place = {
      start: ended && centre > 0 ? candidates.proposed + genes.length + 1 : start,
      centre: ended ? 0 : centre,
      neighbours: neighbours.slice(count),
    };
    return { genes, commit: () => (this.place = next) };
  }

  /** The best architecture of this start, and its neighbours. */
  private async nearest(history: Observations, candidates: Candidates): Promise<Place> {
    const { start, centre } = this.place;
    const best = history.byValue().find((id) => id >= start);
    if (best === undefined) return { start, centre, neighbours: [] };
    if (best === centre) return this.place;
    const { pool, calls } = candidates;
    pool.clear();
    pool.addNeighbours(history.genesOf(Int32Array.of(best)));
    await candidates.settle();
    return { start, centre: best, neighbours: candidates.split(pool.shuffled(this.seed, calls)) };
  }
}
