import { abortError } from '../errors.js';
import { native, type NativePool } from '../native.js';
import { geneCount } from '../space/genes.js';
import type { SearchSpace } from '../space/types.js';
import type { Observations, PhaseTimes, Proposal, ProposeContext, SearchMethod } from './method.js';

/** Uniform random search without replacement: the baseline that every method must beat. */
export class RandomSearch implements SearchMethod {
  readonly times: PhaseTimes = { fit: 0, climb: 0, acquire: 0 };
  readonly isa = 'none';
  private readonly pool: NativePool;
  private readonly genes: number;
  private round = 0;

  constructor(
    space: SearchSpace,
    private readonly seed: number,
  ) {
    this.pool = new (native().Pool)(space.program);
    this.genes = geneCount(space.program);
  }

  async propose(count: number, _history: Observations, context: ProposeContext = {}): Promise<Proposal[]> {
    if (context.signal?.aborted) throw abortError('ask', context.signal);
    const start = performance.now();
    this.pool.clear();
    this.pool.addUniform(count, this.seed, this.round++);
    const drawn = this.pool.candidates();
    this.pool.addKnown(drawn);
    this.times.acquire += performance.now() - start;
    return splitGenes(drawn, this.genes).map((genes) => ({ genes, round: 0 }));
  }

  close(): void {
    this.pool.close();
  }
}

/** (n, G) bytes as n separate architectures. */
export function splitGenes(all: Uint8Array, genes: number): Uint8Array[] {
  return Array.from({ length: all.length / genes }, (_, i) => all.slice(i * genes, (i + 1) * genes));
}
