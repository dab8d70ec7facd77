import type { SearchSpace } from '../space/types.js';
import { BaselineSearch } from './baseline.js';
import type { Candidates, Permitted } from './candidates.js';
import type { Observations } from './method.js';

/**
 * Local search (White et al. 2021, "Exploring the loss landscape in neural architecture search"): from the best of a few
 * random architectures, neighbours are queried in random order; the first better one becomes the centre.  Where none of
 * its neighbours is left, the search starts anew from a random architecture.
 */
export function localSearch(space: SearchSpace, seed: number, init: number, permitted?: Permitted): BaselineSearch {
  const descent = new Descent(seed);
  return new BaselineSearch(space, seed, init, (...args) => descent.choose(...args), permitted);
}

class Descent {
  /** Number of the first architecture of the present start, and of its centre. */
  private start = 1;
  private centre = 0;
  private neighbours: Uint8Array[] = [];

  constructor(private readonly seed: number) {}

  async choose(count: number, history: Observations, candidates: Candidates): Promise<Uint8Array[]> {
    const chosen = await this.nearCentre(count, history, candidates);
    if (chosen.length < count) {
      // A centre whose neighbours are used up is a local optimum: the next start counts from here.  Where nothing of this
      // start was answered yet, it goes on with random ones.
      if (this.centre > 0) this.start = candidates.proposed + chosen.length + 1;
      this.centre = 0;
    }
    return chosen;
  }

  /** Up to `count` neighbours of the best architecture of this start that were not asked yet. */
  private async nearCentre(count: number, history: Observations, candidates: Candidates): Promise<Uint8Array[]> {
    const best = history.byValue().find((id) => id >= this.start);
    if (best === undefined) return [];
    if (best !== this.centre) {
      const { pool, calls } = candidates;
      pool.clear();
      pool.addNeighbours(history.genesOf(Int32Array.of(best)));
      await candidates.settle();
      this.centre = best;
      this.neighbours = candidates.split(pool.shuffled(this.seed, calls));
    }
    return this.neighbours.splice(0, count);
  }
}
