/** All that an answer tells, where a search is for more than one number. */
export interface Answer {
  /** Every objective, turned so that larger is better. */
  readonly values: readonly number[];
  /** Each metric that is constrained and that only a query tells. */
  readonly costly: readonly number[];
  /** Whether it meets all constraints. */
  readonly feasible: boolean;
}

/**
 * The finished queries as a search method sees them: architectures, numbered in the order proposed, and the objective.
 * They never change while a call of `propose` works, and only grow from one call to the next.
 */
export interface Observations {
  readonly length: number;
  /** The numbers of all, ascending; valid until the next call. */
  inOrder(): Int32Array;
  /** The same, best first; of equals, the one proposed first.  Valid until the next call. */
  byValue(): Int32Array;
  /** The objective, turned so that larger is better. */
  value(id: number): number;
  /** All that was told; undefined where the value is. */
  answer(id: number): Answer | undefined;
  /** A copy of the genes (n, G) of these. */
  genesOf(ids: Int32Array): Uint8Array;
  /** Likewise what was measured at a low fidelity, in the same numbering; absent where nothing can be. */
  readonly screened?: Observations | undefined;
}

/** An architecture that a method wants queried. */
export interface Proposal {
  readonly genes: Uint8Array;
  /** What the proxy expects of the objective (same sign as {@link Observations.value}); absent where there is no proxy. */
  readonly predicted?: number;
  /** 5 % and 95 % of that expectation; absent where the proxy cannot say how sure it is. */
  readonly interval?: readonly [low: number, high: number] | undefined;
  /** 0 where no proxy chose it (first samples, random search), else the number of the fit that did. */
  readonly round: number;
  /** Whether it is to be measured at the low fidelity only. */
  readonly cheap?: boolean;
  /** What is known of it before it is measured; absent where nothing is. */
  readonly known?: Readonly<Record<string, number>> | undefined;
}

/** What the climbed distributions of a round gave. */
export interface ClimbDiagnostics {
  /** Mean entropy of a choice, 0..1 (1: all values as likely); null in a space without choices. */
  readonly alphaEntropy: number | null;
  /** The same of edges that are free or chosen. */
  readonly betaEntropy: number | null;
  /** Architectures drawn, and the shares of them that were asked or drawn before, or broke a constraint. */
  readonly draws: number;
  readonly duplicates: number;
  readonly invalid: number;
  /** How many of those proposed were among these draws; the others were neighbours. */
  readonly picked: number;
}

/** How a round found what it proposes. */
export interface Diagnostics {
  /** null where nothing was climbed, as in a space that is scored whole. */
  readonly climb: ClimbDiagnostics | null;
  /** Neighbours of the best known architectures that were never asked; null where none were looked for. */
  readonly neighbours: number | null;
  /** Candidates that the proxy scored. */
  readonly scored: number;
  /** Those of them that had been screened; absent where none had. */
  readonly screened?: number;
}

/** The parts of a round that are timed and reported. */
export type Phase = 'fit' | 'climb' | 'acquire';

/** What a method may ask of its caller while it works. */
export interface ProposeContext {
  readonly signal?: AbortSignal | undefined;
  /** Called between native slices, about every 10 ms. `fraction` of the phase that is done, 0..1. */
  readonly onPhase?: ((phase: Phase, fraction: number) => void) | undefined;
  /** What is left to pay with, in full trainings: no more are screened than leave one to follow. @default no bound */
  readonly left?: number | undefined;
}

/** Milliseconds spent in each phase since the method was made. */
export type PhaseTimes = Record<Phase, number>;

/** What a method has to remember of its calls; each method knows its own. */
export type MethodState = Readonly<Record<string, unknown>>;

/**
 * A way to choose what to query next.  Implementations are deterministic functions of (seed, sequence of calls): the
 * same seed and the same answers give the same proposals, at any thread count.
 */
export interface SearchMethod {
  readonly times: PhaseTimes;
  /** Backend facts for reports, such as `avx512`; `none` where no kernels run. */
  readonly isa: string;
  /** Why the last call of `propose` gave fewer architectures than it was asked for; undefined if it did not. */
  readonly shortfall: string | undefined;
  /** How the last call of `propose` found what its proxy chose, the proposals with a prediction; undefined where none chose. */
  readonly diagnostics?: Diagnostics | undefined;
  /**
   * Up to `count` distinct architectures, none of them proposed before, save that one proposed as `cheap` may follow once
   * more to be measured in full; fewer only if the space has no more, or what is left pays for no more.  Cheap ones come last.
   * A call that is aborted rejects with `ABORTED` and proposes nothing; the same call made again goes on as if nothing
   * had happened.  What a call costs beside its phases does not grow with the history.
   */
  propose(count: number, history: Observations, context?: ProposeContext): Promise<Proposal[]>;
  /**
   * Makes these, none of which has an answer, its next proposals, as if it had chosen them: first samples where these
   * are not complete.  As for `propose`, a call that rejects has done nothing.
   */
  adopt(genes: readonly Uint8Array[], context?: Pick<ProposeContext, 'signal'>): Promise<Proposal[]>;
  /**
   * What the next call goes on from, once the last has resolved, as plain data: numbers, texts, typed arrays, and objects and
   * arrays of them.
   */
  snapshot(): MethodState;
  /**
   * Makes this method, made with the same options and never called, go on from where another was; `proposed` (n, G): all that
   * the other had proposed, in that order.
   */
  restore(state: MethodState, proposed: Uint8Array): Promise<void>;
  /** Frees native memory; later calls reject with `CLOSED`. */
  close(): void;
}
