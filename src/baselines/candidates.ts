import { native, type NativePool } from '../native.js';
import { coreOf } from '../space/explore.js';
import { geneCount } from '../space/genes.js';
import type { SearchSpace } from '../space/types.js';
import type { Proposal } from './method.js';

/** A native pool over a space, or over the genes (n, G) of the only architectures of it that can be queried. */
function openPool(space: SearchSpace, only?: Uint8Array): NativePool {
  const pool = new (native().Pool)(space.program);
  if (only !== undefined) pool.restrict(only);
  return pool;
}

/** (n, G) bytes as n separate architectures. */
export function splitGenes(all: Uint8Array, genes: number): Uint8Array[] {
  return Array.from({ length: all.length / genes }, (_, i) => all.slice(i * genes, (i + 1) * genes));
}

/** Why a pool had fewer architectures than were asked for. */
function shortfallOf(pool: NativePool): string {
  const { known, repeated, invalid, outside } = pool.tally();
  const seen = known + repeated > 0 ? 'what was found had been asked before' : 'nothing was found';
  if (invalid === 0 && outside === 0) return `no architecture is left: ${seen}`;
  const others = [
    ...(invalid > 0 ? [`${invalid} draws broke a constraint of the space`] : []),
    ...(outside > 0 ? [`${outside} cannot be queried`] : []),
  ];
  return `no new architecture was found: ${seen}, ${others.join(', ')}`;
}

/**
 * Of a space of at most this many encodings a reference is drawn from its different architectures, which are all listed
 * for that: where little is computed many encodings are the same, and most random ones would be of those.
 */
const LISTED = 20_000;

/** What a method may still propose, and the book of what it has proposed. */
export class Candidates {
  readonly pool: NativePool;
  /** Why the last call gave fewer architectures than it was asked for; undefined if it did not. */
  shortfall: string | undefined;
  private answered = 0;
  private total = 0;
  private readonly genes: number;

  /** `only`: genes (n, G) of the only architectures that can be queried. */
  constructor(
    private readonly space: SearchSpace,
    private readonly seed: number,
    private readonly only?: Uint8Array,
  ) {
    this.pool = openPool(space, only);
    this.genes = geneCount(space.program);
  }

  /** Calls that were answered. */
  get calls(): number {
    return this.answered;
  }

  /** Architectures that were proposed in them. */
  get proposed(): number {
    return this.total;
  }

  /** Whether only some architectures can be queried. */
  get restricted(): boolean {
    return this.only !== undefined;
  }

  /** Genes (n, G), as those of the pool, as separate architectures. */
  split(genes: Uint8Array): Uint8Array[] {
    return splitGenes(genes, this.genes);
  }

  /**
   * Adds a mutant of each of these architectures (n, G) to the pool, after `steps` random changes of one gene; a function
   * of the seed.  Returns how many are new.
   */
  addMutants(parents: Uint8Array, steps: number, seed: number): number {
    let mutants = parents;
    for (let step = 0; step < steps; ++step) mutants = coreOf(this.space).mutate(mutants, seed, step);
    return this.pool.add(mutants);
  }

  /** Whether there is an architecture that was never proposed, as far as bounded tries tell. Empties the pool. */
  anyLeft(): boolean {
    this.pool.clear();
    return this.pool.addUniform(1, this.seed, 0) > 0;
  }

  /** Fills the pool with at most `count` random architectures that stand for all that can be queried. */
  addReference(count: number): void {
    this.pool.clear();
    if (this.pool.count > LISTED) {
      this.pool.addUniform(count, this.seed, 0);
      return;
    }
    this.pool.addUniform(this.pool.count, this.seed, 0);
    const some = this.pool.shuffled(this.seed, 0).slice(0, count * this.genes);
    this.pool.clear();
    this.pool.add(some);
  }

  /**
   * Ends a call: what was chosen, filled up to `count` with uniformly random ones, to be measured as `filler` says.  All of it
   * is known from now on.
   */
  complete(chosen: readonly Proposal[], count: number, filler: Pick<Proposal, 'cheap'> = {}): Proposal[] {
    const proposals = [...chosen];
    for (const { genes } of proposals) this.pool.addKnown(genes);
    if (proposals.length < count) {
      this.pool.clear();
      this.pool.addUniform(count - proposals.length, this.seed, this.answered);
      const drawn = this.pool.candidates();
      this.pool.addKnown(drawn);
      for (const genes of this.split(drawn)) proposals.push({ genes, round: 0, ...filler });
    }
    this.shortfall = proposals.length < count ? shortfallOf(this.pool) : undefined;
    this.total += proposals.length;
    this.answered += 1;
    return proposals;
  }

  close(): void {
    this.pool.close();
  }
}
