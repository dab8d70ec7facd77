import type { MethodState, Observations } from '../baselines/method.js';
import type { NativePool, ScanPlan } from '../native.js';
import type { Ensemble, Learnt } from '../proxy/ensemble.js';
import type { WorkContext } from '../proxy/slices.js';
import type { Expectation } from './diagnostics.js';

/** Candidates that a surrogate chose, best first. */
export interface Picked {
  /** (n, G) */
  readonly genes: Uint8Array;
  /** Where they stand among the pool's candidates. */
  readonly places: Uint32Array;
  /** undefined where nothing was measured yet in the objective's unit. */
  readonly expected: readonly (Expectation | undefined)[];
}

/** What predicts the objective and judges candidates. */
export interface Surrogate {
  /** Networks, whose predictions are climbed. */
  readonly ensemble: Ensemble;
  /** Number of the last fit that was finished; 0 before the first. */
  readonly fits: number;
  /** How much cheap answers tell of full ones, as learnt from both, 0..1; 0 where it does not learn that. */
  readonly correlation: number;
  /** The networks with what they learnt last; undefined before they learnt anything, absent where they never do. */
  readonly learnt?: Learnt | undefined;
  /** Scores all candidates that have no score yet by the present fit, in a call's round. */
  score(pool: NativePool, round: number, context: WorkContext): Promise<void>;
  /** Adds the best of many architectures, or of all there are, to the pool, by the present fit. */
  scan(pool: NativePool, plan: ScanPlan, context: WorkContext): Promise<void>;
  /** At most so many of the answered whose neighbours promise most. */
  centres(history: Observations, most: number): Int32Array;
  /**
   * Brings what is learnt up to date with the history.  `pending` (n, G): architectures that were asked and have no answer.
   * An abort leaves what was learnt before.  Resolves to whether it is time to climb anew.
   */
  fit(history: Observations, pending: Uint8Array, context: WorkContext): Promise<boolean>;
  /** Chooses `count` of the scored candidates. */
  pick(pool: NativePool, count: number, stream: Stream, context: WorkContext): Promise<Picked>;
  /** What was learnt was used: until then the next fit begins where this one did, so that an aborted call leaves no trace. */
  commit(): void;
  /** What the next fit goes on from, once a call has committed, as plain data; the ensemble's parameters are not in it. */
  snapshot(): MethodState;
  /** Of one that was never fitted, whose ensemble has the parameters already. */
  restore(state: MethodState): void;
  close(): void;
}

/** What random numbers of a call are a function of. */
export interface Stream {
  readonly seed: number;
  readonly round: number;
}
