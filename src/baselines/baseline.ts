import type { SearchSpace } from '../space/types.js';
import { Candidates, type CandidateCounts } from './candidates.js';
import type { Permitted } from './permitted.js';
import type { MethodState, Observations, PhaseTimes, Proposal, ProposeContext, SearchMethod } from './method.js';

/**
 * Up to `count` architectures to query next, distinct and not known yet; random ones take the place of those that it does
 * not find.
 */
export type Choose = (count: number, history: Observations, candidates: Candidates) => Promise<Chosen>;

export interface Chosen {
  readonly genes: readonly Uint8Array[];
  /** Called when they are proposed: a call that rejects before must leave no trace. */
  readonly commit?: () => void;
}

/** What a choice remembers from call to call, as plain data. */
export interface Memory<T> {
  get(): T;
  set(value: T): void;
}

interface State {
  readonly counts: CandidateCounts;
  readonly memory: unknown;
}

/** A search method without a proxy: random architectures first, then what `choose` says. */
export class BaselineSearch implements SearchMethod {
  readonly times: PhaseTimes = { fit: 0, climb: 0, acquire: 0 };
  readonly isa = 'none';
  private readonly candidates: Candidates;

  /**
   * `init`: random architectures; a call that starts within them is random altogether. `memory`: of `choose`, if it has one.
   */
  constructor(
    space: SearchSpace,
    seed: number,
    private readonly init: number,
    private readonly choose: Choose,
    permitted?: Permitted,
    private readonly memory?: Memory<unknown>,
  ) {
    this.candidates = new Candidates(space, seed, permitted);
  }

  get shortfall(): string | undefined {
    return this.candidates.shortfall;
  }

  async propose(count: number, history: Observations, context: ProposeContext = {}): Promise<Proposal[]> {
    const start = performance.now();
    await this.candidates.begin(context.signal, false);
    const none: Chosen = { genes: [] };
    const chosen = this.candidates.proposed < this.init ? none : await this.choose(count, history, this.candidates);
    const proposals = await this.candidates.complete(
      chosen.genes.map((genes) => ({ genes, round: 0 })),
      count,
    );
    chosen.commit?.();
    this.times.acquire += performance.now() - start;
    return proposals;
  }

  adopt(genes: readonly Uint8Array[], { signal }: ProposeContext = {}): Promise<Proposal[]> {
    return this.candidates.adopt(genes, signal);
  }

  snapshot(): MethodState {
    return { counts: this.candidates.counts, memory: this.memory?.get() } satisfies State;
  }

  restore(state: MethodState, proposed: Uint8Array): Promise<void> {
    const { counts, memory } = state as unknown as State;
    this.candidates.restore(counts, proposed);
    this.memory?.set(memory);
    return Promise.resolve();
  }

  close(): void {
    this.candidates.close();
  }
}
