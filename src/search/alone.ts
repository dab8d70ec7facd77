import type { MethodState, Observations } from '../baselines/method.js';
import type { NativePool, ScanPlan } from '../native.js';
import type { Ensemble, Learnt } from '../proxy/ensemble.js';
import { scaled, type CurvedLabels, type LabelSource } from '../proxy/labels.js';
import { scanPool, scorePool, type WorkContext } from '../proxy/slices.js';
import { expectation } from './diagnostics.js';
import type { Head } from './head.js';
import { learn, learntOf, type LearnPlan } from './learn.js';
import type { Picked, Stream, Surrogate } from './surrogate.js';

/** What a fit goes on from. */
interface Beginning {
  readonly parameters: Float32Array;
  readonly fits: number;
  readonly labels: CurvedLabels | undefined;
  /** Its head. */
  readonly taught: boolean;
}

interface State {
  readonly fits: number;
  readonly fitted: number;
  readonly labels: LabelSource | undefined;
}

/** The ensemble alone, as published (paper §3): its mean, or a member drawn at random, picks. */
export class EnsembleAlone implements Surrogate {
  fits = 0;
  readonly correlation = 0;
  /** Length of the history when the present parameters were fitted. */
  private fitted = 0;
  private labels: CurvedLabels | undefined;
  /** Where the last fit began, while it is not committed. */
  private before: Beginning | undefined;

  /** Owns the ensemble. */
  constructor(
    readonly ensemble: Ensemble,
    private readonly seed: number,
    private readonly plan: LearnPlan & { readonly pick: 'mean' | 'thompson' },
    private readonly head?: Head,
  ) {}

  get learnt(): Learnt | undefined {
    return this.labels && learntOf(this.ensemble, this.labels);
  }

  score(pool: NativePool, _turn: number, context: WorkContext): Promise<void> {
    return scorePool(pool, this.ensemble.scorer, context);
  }

  scan(pool: NativePool, plan: ScanPlan, context: WorkContext): Promise<void> {
    return scanPool(pool, this.ensemble.scorer, plan, context);
  }

  centres(history: Observations, most: number): Int32Array {
    return history.byValue().subarray(0, most);
  }

  async fit(history: Observations, _pending: Uint8Array, context: WorkContext): Promise<boolean> {
    const { ensemble, head } = this;
    if (history.length === this.fitted && head?.due !== true) return true;
    this.undo();
    const { fits, labels } = this;
    const before = { parameters: ensemble.snapshot(), fits, labels, taught: head?.taught ?? false };
    try {
      await head?.begin(ensemble, this.plan.fit, context.signal);
      this.labels = await learn(ensemble, history, this.plan, { seed: this.seed, round: fits + 1 }, context, head);
    } catch (error) {
      this.putBack(before);
      throw error;
    }
    if (head !== undefined) head.due = false;
    this.before = before;
    this.fits += 1;
    this.fitted = history.length;
    return true;
  }

  pick(pool: NativePool, count: number, { seed, round }: Stream): Promise<Picked> {
    const { genes, means, deviations, places } = pool.pick(count, this.plan.pick, seed, round);
    // A single member cannot say how sure it is.
    const expected = Array.from(means, (mean, i) =>
      expectation(this.labels!, mean, this.ensemble.members > 1 ? deviations[i] : undefined),
    );
    return Promise.resolve({ genes, places, expected });
  }

  commit(): void {
    this.before = undefined;
  }

  snapshot(): MethodState {
    const { fits, fitted, labels } = this;
    return { fits, fitted, labels: labels?.source } satisfies State;
  }

  restore(state: MethodState): void {
    const { fits, fitted, labels } = state as unknown as State;
    this.fits = fits;
    this.fitted = fitted;
    this.labels = labels && scaled(labels.values, labels.scale);
  }

  close(): void {
    this.ensemble.close();
  }

  /** Takes back a fit that was never used: an answer came after the call that it was for was aborted. */
  private undo(): void {
    if (this.before === undefined) return;
    this.putBack(this.before);
    this.before = undefined;
    this.fitted = 0;
  }

  private putBack({ parameters, fits, labels, taught }: Beginning): void {
    this.ensemble.restore(parameters);
    this.fits = fits;
    this.labels = labels;
    if (this.head !== undefined) this.head.taught = taught;
  }
}
