import { abortError } from '../errors.js';
import type { NativePool } from '../native.js';
import { geneCount } from '../space/genes.js';
import type { SearchSpace } from '../space/types.js';
import { openPool, shortfallOf, splitGenes } from './candidates.js';
import type { Observations, PhaseTimes, Proposal, ProposeContext, SearchMethod } from './method.js';

/** Uniform random search without replacement: the baseline that every method must beat. */
export class RandomSearch implements SearchMethod {
  readonly times: PhaseTimes = { fit: 0, climb: 0, acquire: 0 };
  readonly isa = 'none';
  shortfall: string | undefined;
  private readonly pool: NativePool;
  private readonly genes: number;
  private round = 0;

  constructor(
    space: SearchSpace,
    private readonly seed: number,
    only?: Uint8Array,
  ) {
    this.pool = openPool(space, only);
    this.genes = geneCount(space.program);
  }

  async propose(count: number, _history: Observations, context: ProposeContext = {}): Promise<Proposal[]> {
    if (context.signal?.aborted) throw abortError('ask', context.signal);
    const start = performance.now();
    this.pool.clear();
    this.pool.addUniform(count, this.seed, this.round++);
    const drawn = this.pool.candidates();
    this.shortfall = this.pool.size < count ? shortfallOf(this.pool) : undefined;
    this.pool.addKnown(drawn);
    this.times.acquire += performance.now() - start;
    return splitGenes(drawn, this.genes).map((genes) => ({ genes, round: 0 }));
  }

  close(): void {
    this.pool.close();
  }
}
