import { throwIfAborted } from '../errors.js';
import type { NativePool } from '../native.js';
import { geneCount } from '../space/genes.js';
import type { SearchSpace } from '../space/types.js';
import { openPool, shortfallOf, splitGenes } from './candidates.js';
import type { Observations, PhaseTimes, Proposal, ProposeContext, SearchMethod } from './method.js';

/**
 * Local search (White et al. 2021, "Exploring the loss landscape in neural architecture search"): from the best of a few
 * random architectures, neighbours are queried in random order; the first better one becomes the centre.  Where none of
 * its neighbours is left, the search starts anew from a random architecture.
 */
export class LocalSearch implements SearchMethod {
  readonly times: PhaseTimes = { fit: 0, climb: 0, acquire: 0 };
  readonly isa = 'none';
  shortfall: string | undefined;
  private readonly pool: NativePool;
  private readonly genes: number;
  private proposed = 0;
  private calls = 0;
  /** Number of the first architecture of the present start, and of its centre. */
  private start = 1;
  private centre = 0;
  private neighbours: Uint8Array[] = [];

  constructor(
    space: SearchSpace,
    private readonly seed: number,
    private readonly init: number,
    only?: Uint8Array,
  ) {
    this.pool = openPool(space, only);
    this.genes = geneCount(space.program);
  }

  async propose(count: number, history: Observations, context: ProposeContext = {}): Promise<Proposal[]> {
    throwIfAborted('ask', context.signal);
    const began = performance.now();
    const chosen = this.proposed < this.init ? [] : this.nearCentre(count, history);
    if (chosen.length < count) {
      // A centre whose neighbours are used up is a local optimum: the next start counts from here.  Where nothing of this
      // start was answered yet, it goes on with random ones.
      if (this.centre > 0) this.start = this.proposed + chosen.length + 1;
      this.centre = 0;
      for (const genes of chosen) this.pool.addKnown(genes);
      chosen.push(...this.uniform(count - chosen.length));
    }
    for (const genes of chosen) this.pool.addKnown(genes);
    this.shortfall = chosen.length < count ? shortfallOf(this.pool) : undefined;
    this.proposed += chosen.length;
    this.calls += 1;
    this.times.acquire += performance.now() - began;
    return chosen.map((genes) => ({ genes, round: 0 }));
  }

  close(): void {
    this.pool.close();
  }

  /** Up to `count` neighbours of the best architecture of this start that were not asked yet. */
  private nearCentre(count: number, history: Observations): Uint8Array[] {
    const best = history.byValue().find((id) => id >= this.start);
    if (best === undefined) return [];
    if (best !== this.centre) {
      this.centre = best;
      this.neighbours = this.neighboursOf(history.genesOf(Int32Array.of(best)));
    }
    return this.neighbours.splice(0, count);
  }

  /** All that are not known, in an order that is random but for the seed. */
  private neighboursOf(centre: Uint8Array): Uint8Array[] {
    this.pool.clear();
    this.pool.addNeighbours(centre);
    return splitGenes(this.pool.shuffled(this.seed, this.calls), this.genes);
  }

  private uniform(count: number): Uint8Array[] {
    this.pool.clear();
    this.pool.addUniform(count, this.seed, this.calls);
    return splitGenes(this.pool.candidates(), this.genes);
  }
}
