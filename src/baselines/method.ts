/** One finished query, as a search method sees it: nothing but the objective. */
export interface Observation {
  readonly genes: Uint8Array;
  /** The objective, turned so that larger is better. */
  readonly value: number;
}

/** An architecture that a method wants queried. */
export interface Proposal {
  readonly genes: Uint8Array;
  /** What the proxy expects of the objective (same sign as {@link Observation.value}); absent where there is no proxy. */
  readonly predicted?: number;
  /** 0 where no proxy chose it (first samples, random search), else the number of the fit that did. */
  readonly round: number;
}

/** The parts of a round that are timed and reported. */
export type Phase = 'fit' | 'climb' | 'acquire';

/** What a method may ask of its caller while it works. */
export interface ProposeContext {
  readonly signal?: AbortSignal | undefined;
  /** Called between native slices, about every 10 ms. `fraction` of the phase that is done, 0..1. */
  readonly onPhase?: ((phase: Phase, fraction: number) => void) | undefined;
}

/** Milliseconds spent in each phase since the method was made. */
export type PhaseTimes = Record<Phase, number>;

/**
 * A way to choose what to query next.  Implementations are deterministic functions of (seed, sequence of calls): the
 * same seed and the same answers give the same proposals, at any thread count.
 */
export interface SearchMethod {
  readonly times: PhaseTimes;
  /** Backend facts for reports, such as `avx512`; `none` where no kernels run. */
  readonly isa: string;
  /**
   * Up to `count` distinct architectures, none of them proposed before; fewer only if the space has no more.
   * `history` holds every finished query in the order the architectures were proposed.  A call that is aborted rejects
   * with `ABORTED` and proposes nothing; the same call made again goes on as if nothing had happened.
   */
  propose(count: number, history: readonly Observation[], context?: ProposeContext): Promise<Proposal[]>;
  /** Frees native memory; later calls reject with `CLOSED`. */
  close(): void;
}
