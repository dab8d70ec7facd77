import { native, type NativePool } from '../native.js';
import { deriveSeed, Draws, SeedLane } from '../random.js';
import { coreOf, validGenes } from '../space/explore.js';
import { geneCount, keepGenes } from '../space/genes.js';
import type { SearchSpace } from '../space/types.js';
import { ASKED_AT_ONCE, Inquiry } from './inquiry.js';
import type { Proposal } from './method.js';
import type { Permitted } from './permitted.js';

/** What a book of proposals has counted. */
export interface CandidateCounts {
  readonly calls: number;
  readonly proposed: number;
}

/** (n, G) bytes as n separate architectures. */
export function splitGenes(all: Uint8Array, genes: number): Uint8Array[] {
  return Array.from({ length: all.length / genes }, (_, i) => all.slice(i * genes, (i + 1) * genes));
}

/** Why a pool had fewer architectures than were asked for. */
function shortfallOf(pool: NativePool): string {
  const { known, repeated, invalid, outside, infeasible } = pool.tally();
  const seen = known + repeated > 0 ? 'what was found had been asked before' : 'nothing was found';
  if (invalid + outside + infeasible === 0) return `no architecture is left: ${seen}`;
  const others = [
    ...(infeasible > 0 ? [`${infeasible} draws broke a constraint on a metric`] : []),
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

/** Architectures that a call may draw at most beyond those wanted, where few meet the constraints, and at once. */
const MOST_DRAWN = 65_536;
const DRAWN_AT_ONCE = 4096;

/** Of spaces of at most this many encodings all are looked at where chance finds too few. */
const ENUMERABLE = 2 ** 20;

/** What a method may still propose, and the book of what it has proposed. */
export class Candidates {
  readonly pool: NativePool;
  /** Why the last call gave fewer architectures than it was asked for; undefined if it did not. */
  shortfall: string | undefined;
  /** Whether it was looked which meet the constraints, and how many do, where they were few enough to be listed. */
  private narrowed = false;
  private listed: number | undefined;
  /** All that do, where chance found too few. */
  private all: readonly Uint8Array[] | undefined;
  private readonly inquiry: Inquiry;
  private answered = 0;
  private total = 0;
  private readonly genes: number;

  constructor(
    private readonly space: SearchSpace,
    private readonly seed: number,
    private readonly permitted: Permitted = {},
  ) {
    this.pool = new (native().Pool)(space.program);
    if (permitted.only !== undefined) this.pool.restrict(permitted.only);
    this.genes = geneCount(space.program);
    this.inquiry = new Inquiry(this.genes);
  }

  /** What `restore` needs beside all that was proposed. */
  get counts(): CandidateCounts {
    return { calls: this.answered, proposed: this.total };
  }

  /** Goes on where another was that had proposed this (n, G), after what is drawn before the first call was. */
  restore({ calls, proposed }: CandidateCounts, genes: Uint8Array): void {
    this.pool.addKnown(genes);
    this.answered = calls;
    this.total = proposed;
  }

  /** Calls that were answered. */
  get calls(): number {
    return this.answered;
  }

  /** Architectures that were proposed in them. */
  get proposed(): number {
    return this.total;
  }

  /** Whether only a few architectures can be queried, of which chance finds hardly any. */
  get restricted(): boolean {
    return this.permitted.only !== undefined;
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
  async anyLeft(): Promise<boolean> {
    this.pool.clear();
    return (await this.addUniform(1, this.seed, 0, true)) > 0;
  }

  /**
   * Begins a call, which rejects with `ABORTED` wherever it waits for a verdict when the signal fires.  Where those that
   * can be queried are few enough to be listed finds out, once, which meet the constraints; of more than that `settle` asks
   * as they are found.  `nearest`: see `NativePool.restrict`; of those of a pool the neighbours always are.
   */
  async begin(signal: AbortSignal | undefined, nearest: boolean): Promise<void> {
    this.inquiry.begin(signal);
    const { admits, only } = this.permitted;
    if (admits === undefined || this.narrowed) return;
    const all = only ?? (this.pool.count <= LISTED ? this.valid(0, this.pool.count) : undefined);
    if (all !== undefined) {
      const verdicts = await this.inquiry.verdicts(all, admits);
      const kept = keepGenes(all, this.genes, (place) => verdicts[place] === 1);
      this.listed = kept.length / this.genes;
      if (this.listed > 0) this.pool.restrict(await this.leading(kept), nearest || this.restricted);
    }
    this.narrowed = true;
  }

  /** Takes what may not be queried out of the pool: after candidates were added, and before they are scored or picked. */
  async settle(): Promise<void> {
    await this.inquiry.yield();
    const { admits } = this.permitted;
    if (admits === undefined || this.listed !== undefined) return;
    this.pool.judge(await this.inquiry.verdicts(this.pool.unjudged(), admits));
  }

  /** Columns (n) of what is known beforehand of objectives, of genes (n, G); none where nothing can be. */
  async known(genes: Uint8Array): Promise<Float64Array[]> {
    const { objectives } = this.permitted;
    return objectives === undefined ? [] : this.inquiry.columns(genes, objectives);
  }

  /** Columns (n) of how far each limit that is known beforehand is broken, of genes (n, G); absent where there is none. */
  get excess(): ((genes: Uint8Array) => Promise<Float64Array[]>) | undefined {
    const { excess } = this.permitted;
    return excess && ((genes) => this.inquiry.columns(genes, excess));
  }

  /**
   * Of encodings that are the same query the one with the best of the first objective that is known beforehand: what is to be
   * learnt is the same.
   */
  private async leading(genes: Uint8Array): Promise<Uint8Array> {
    const [values] = await this.known(genes);
    if (values === undefined) return genes;
    const keys = Buffer.from(this.space.keys(genes)).toString('latin1');
    const best = new Map<string, number>();
    values.forEach((value, place) => {
      const key = keys.slice(16 * place, 16 * place + 16);
      const other = best.get(key);
      if (other === undefined || value > values[other]!) best.set(key, place);
    });
    const places = new Set(best.values());
    return keepGenes(genes, this.genes, (place) => places.has(place));
  }

  /**
   * Adds `count` random architectures that may be queried to the pool, or somewhat more; fewer only if no more exist, or
   * bounded tries find none; `all`: of a space that can be enumerated only if no more exist.  Returns how many are new.
   */
  async addUniform(count: number, seed: number, round: number, all = false): Promise<number> {
    const { pool } = this;
    if (this.listed === 0) return 0;
    const before = pool.size;
    let drawn = pool.addUniform(count, seed, round);
    await this.settle();
    if (this.permitted.admits === undefined || this.listed !== undefined) return pool.size - before;
    for (let turn = 1, found; (found = pool.size - before) < count && drawn < count + MOST_DRAWN; ++turn) {
      // As many as will hold those that lack, by the share so far.
      const wanted = Math.min(Math.ceil(((count - found) * drawn) / Math.max(1, found)), DRAWN_AT_ONCE);
      const added = pool.addUniform(wanted, deriveSeed(seed, SeedLane.Feasible, turn), round);
      if (added === 0) break;
      drawn += added;
      await this.settle();
    }
    if (all && pool.size - before < count && pool.count <= ENUMERABLE) pool.add(await this.feasible(seed));
    return pool.size - before;
  }

  /** Genes (n, G) of the valid ones of these encodings of the space. */
  private valid(first: number, count: number): Uint8Array {
    return validGenes(this.space, coreOf(this.space).enumerate(first, count));
  }

  /** All that meet the constraints of a space that can be enumerated, in a random order; found once. */
  private async feasible(seed: number): Promise<Uint8Array> {
    if (this.all === undefined) {
      const { count } = this.pool;
      const found: Uint8Array[] = [];
      for (let at = 0; at < count; at += ASKED_AT_ONCE) {
        const some = this.valid(at, Math.min(ASKED_AT_ONCE, count - at));
        const verdicts = await this.inquiry.verdicts(some, this.permitted.admits!);
        found.push(...this.split(keepGenes(some, this.genes, (place) => verdicts[place] === 1)));
      }
      this.all = found;
    }
    const order = [...this.all];
    const draws = new Draws(deriveSeed(seed, SeedLane.Feasible, 0));
    for (let i = order.length - 1; i > 0; --i) {
      const j = draws.below(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return Buffer.concat(order);
  }

  /** Fills the pool with at most `count` random architectures that stand for all that can be queried. */
  async addReference(count: number): Promise<void> {
    const { pool, seed } = this;
    const listed = pool.count <= LISTED;
    pool.clear();
    await this.addUniform(listed ? pool.count : count, seed, 0);
    if (!listed && pool.size <= count) return;
    const some = pool.shuffled(seed, 0).slice(0, count * this.genes);
    pool.clear();
    pool.add(some);
  }

  /**
   * Ends a call: what was chosen, filled up to `count` with uniformly random ones, to be measured as `filler` says.  Once it
   * resolves all of it is known; where it rejects nothing has happened.
   */
  async complete(
    chosen: readonly Proposal[],
    count: number,
    filler: Pick<Proposal, 'cheap'> = {},
  ): Promise<Proposal[]> {
    const proposals = [...chosen];
    if (proposals.length < count) {
      // Those chosen are candidates, so that no random one is the same.
      this.pool.clear();
      const first = this.pool.add(Buffer.concat(chosen.map(({ genes }) => genes)), true);
      await this.addUniform(count - proposals.length, this.seed, this.answered, true);
      const drawn = this.split(this.pool.candidates()).slice(first, first + count - proposals.length);
      for (const genes of drawn) proposals.push({ genes, round: 0, ...filler });
    }
    const known = await this.describe(proposals);
    this.enter(known);
    this.shortfall = proposals.length < count ? this.shortfallNow() : undefined;
    this.answered += 1;
    return known;
  }

  /** Proposes these in place of what would be chosen. */
  async adopt(genes: readonly Uint8Array[], signal: AbortSignal | undefined): Promise<Proposal[]> {
    this.inquiry.begin(signal);
    const proposals = await this.describe(genes.map((one) => ({ genes: one, round: 0 })));
    this.enter(proposals);
    this.shortfall = undefined;
    return proposals;
  }

  /** Those of these that were never proposed. */
  fresh(genes: readonly Uint8Array[]): Uint8Array[] {
    return genes.filter((one) => {
      this.pool.clear();
      return this.pool.add(one, true) === 1;
    });
  }

  private enter(proposals: readonly Proposal[]): void {
    for (const { genes } of proposals) this.pool.addKnown(genes);
    this.total += proposals.length;
  }

  private async describe(proposals: readonly Proposal[]): Promise<Proposal[]> {
    const { describe } = this.permitted;
    if (describe === undefined || proposals.length === 0) return [...proposals];
    const known = await this.inquiry.wait(describe(proposals.map(({ genes }) => genes)));
    return proposals.map((proposal, i) => (known[i] === undefined ? proposal : { ...proposal, known: known[i] }));
  }

  close(): void {
    this.pool.close();
  }

  private shortfallNow(): string {
    return this.listed === 0 ? 'no architecture that can be queried meets the constraints' : shortfallOf(this.pool);
  }
}
