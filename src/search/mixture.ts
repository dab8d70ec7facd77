import type { MethodState, Observations } from '../baselines/method.js';
import { throwIfAborted } from '../errors.js';
import type { Assessment, KernelShape, KernelView, NativePool, ScanPlan } from '../native.js';
import type { Ensemble, Learnt } from '../proxy/ensemble.js';
import { scaled, type CurvedLabels, type LabelSource } from '../proxy/labels.js';
import { scanPool, scorePool, type WorkContext } from '../proxy/slices.js';
import type { SearchSpace } from '../space/types.js';
import { expectation } from './diagnostics.js';
import { evidenceOf, type EvidencePlan } from './evidence.js';
import { labelsOf, learn, learntOf } from './learn.js';
import { pickInTurn } from './picking.js';
import { Process, type ProcessState } from './process.js';
import type { Picked, Stream, Surrogate } from './surrogate.js';

/** How a Gaussian process and the ensemble share the belief. */
export interface MixturePlan {
  /**
   * Answers after which the ensemble joins: it is fitted, climbed, and has its share of the belief.  With fewer it learns
   * nothing that the process does not know better.  Where architectures can be screened it never does.
   */
  readonly joinsAfter: number;
  /** How much of the belief is the ensemble's then, 0..1. */
  readonly share: number;
  /** Answers after which the ensemble is fitted again; a new best is learnt at once. */
  readonly refitAfter: number;
  /** Architectures that the process learns from at most, measured in full and screened (see `fitWindow`). */
  readonly maxProcessSamples: number;
  readonly maxProcessScreens: number;
  /** What the process' kernel looks at. @default all that it can */
  readonly views?: readonly [KernelView, ...KernelView[]];
  readonly rule: Assessment['rule'];
  /**
   * Weights of the deviation in the upper confidence bound, in turn: small ones make the most of what is known, large ones
   * leave a basin in which all weights alike would get stuck.
   */
  readonly betas: readonly [number, ...number[]];
}

/** Answers that the ensemble was last fitted to, the best of them, and what its targets stand for. */
interface EnsembleFit {
  readonly length: number;
  readonly best: number;
  readonly labels?: CurvedLabels;
}

/** What a fit goes on from. */
interface Beginning {
  readonly shape: KernelShape;
  /** Of the ensemble, if it was fitted too. */
  readonly parameters: Float32Array | undefined;
  readonly fits: number;
  readonly ensembleFit: EnsembleFit;
}

interface State {
  readonly process: ProcessState;
  readonly fits: number;
  readonly fitted: number;
  readonly share: number;
  readonly length: number;
  readonly best: number;
  readonly labels: LabelSource | undefined;
}

/**
 * A mixture of a Gaussian process over graphs and the ensemble, and an acquisition on it.  The process knows from the
 * first answers on how unsure it is; the ensemble, which joins later, learns from more than it can hold.
 */
export class Mixture implements Surrogate {
  fits = 0;
  private readonly process: Process;
  /** How much of the belief is the ensemble's. */
  private share = 0;
  /** Answers at the last fit. */
  private fitted = 0;
  private ensembleFit: EnsembleFit = { length: 0, best: -Infinity };
  /** Where the last fit began, while it is not committed. */
  private before: Beginning | undefined;

  /** Owns the ensemble.  `reference` (m, G), m >= 1: architectures that stand for the space. */
  constructor(
    space: SearchSpace,
    readonly ensemble: Ensemble,
    private readonly seed: number,
    private readonly plan: EvidencePlan & { readonly mixture: MixturePlan },
    reference: Uint8Array,
  ) {
    this.process = new Process(space, reference, plan.mixture.views);
  }

  get correlation(): number {
    return this.process.shape.correlation;
  }

  get learnt(): Learnt | undefined {
    const { labels } = this.ensembleFit;
    return labels && learntOf(this.ensemble, labels);
  }

  score(pool: NativePool, turn: number, context: WorkContext): Promise<void> {
    return scorePool(pool, this.scorer(turn), context);
  }

  scan(pool: NativePool, plan: ScanPlan, context: WorkContext): Promise<void> {
    return scanPool(pool, this.scorer(plan.round), plan, context);
  }

  centres(history: Observations, most: number): Int32Array {
    return history.byValue().subarray(0, most);
  }

  async fit(history: Observations, pending: Uint8Array, context: WorkContext): Promise<boolean> {
    const changed = answers(history) !== this.fitted && (await this.learn(history, context));
    // The last call may have left what it imagined.
    await this.process.recall();
    if (pending.length > 0) {
      const both = this.predict(pending, 0);
      await this.process.imagine(pending, both.subarray(0, both.length / 2));
    }
    return changed;
  }

  pick(pool: NativePool, count: number, stream: Stream, context: WorkContext): Promise<Picked> {
    const { process } = this;
    const { noise } = process.belief;
    const labels = process.imagined!.labels;
    return pickInTurn(pool, count, stream, {
      predict: (genes, turn) => this.predict(genes, turn),
      expected: (both, n) =>
        Array.from({ length: n }, (_, i) => labels && expectation(labels, both[i]!, Math.hypot(both[n + i]!, noise))),
      imagine: async (genes, both, n, turn) => {
        await process.imagine(genes, both.subarray(0, n));
        pool.forgetScores();
        await this.score(pool, turn, context);
      },
    });
  }

  commit(): void {
    this.before = undefined;
  }

  snapshot(): MethodState {
    const { fits, fitted, share } = this;
    const { length, best, labels } = this.ensembleFit;
    const process = this.process.snapshot();
    return { process, fits, fitted, share, length, best, labels: labels?.source } satisfies State;
  }

  restore(state: MethodState): void {
    const { process, fits, fitted, share, length, best, labels } = state as unknown as State;
    this.process.restore(process);
    this.fits = fits;
    this.fitted = fitted;
    this.share = share;
    this.ensembleFit = { length, best, ...(labels && { labels: scaled(labels.values, labels.scale) }) };
  }

  close(): void {
    this.ensemble.close();
    this.process.close();
  }

  /** Resolves to whether the ensemble was fitted too. */
  private async learn(history: Observations, context: WorkContext): Promise<boolean> {
    const { joinsAfter, refitAfter } = this.plan.mixture;
    // A fit that was never used, as the call that it was for was aborted, is taken back.
    if (this.before !== undefined) this.putBack(this.before);
    const stream = { seed: this.seed, round: this.fits + 1 };
    const best = history.length === 0 ? -Infinity : history.value(history.byValue()[0]!);
    const joined = history.length > joinsAfter && history.screened === undefined;
    const { length, best: known } = this.ensembleFit;
    const stale = joined && (history.length - length >= refitAfter || best > known);
    const { fits, ensembleFit } = this;
    // Parameters that are put back end what was climbed from them: only those of an ensemble that is fitted anew are.
    const parameters = stale ? this.ensemble.snapshot() : undefined;
    const before = { shape: this.process.shape, parameters, fits, ensembleFit };
    let fresh: CurvedLabels | undefined;
    try {
      if (stale) fresh = await learn(this.ensemble, history, this.plan, stream, context);
      const labels = fresh ?? (history.length === 0 ? undefined : labelsOf(history, this.plan, stream).labels);
      const evidence = evidenceOf(history, labels, this.plan, stream);
      await this.process.learn(evidence);
      throwIfAborted('fit', context.signal);
      context.onProgress?.(1);
      this.share = joined ? this.plan.mixture.share : 0;
    } catch (error) {
      this.putBack(before);
      throw error;
    }
    this.before = before;
    this.fits += 1;
    this.fitted = answers(history);
    if (fresh !== undefined) this.ensembleFit = { length: history.length, best, labels: fresh };
    return stale;
  }

  private putBack({ shape, parameters, fits, ensembleFit }: Beginning): void {
    if (parameters !== undefined) this.ensemble.restore(parameters);
    this.process.shape = shape;
    this.fits = fits;
    this.ensembleFit = ensembleFit;
    this.before = undefined;
    this.fitted = 0;
  }

  private scorer(turn: number): Assessment {
    const { rule, betas } = this.plan.mixture;
    const beta = betas[turn % betas.length]!;
    const { belief, imagined } = this.process;
    return { belief, proxy: this.ensemble.scorer, share: this.share, rule, beta, best: imagined!.best };
  }

  private predict(genes: Uint8Array, turn: number): Float32Array {
    return this.process.belief.predict(this.scorer(turn), genes);
  }
}

/** All of a history, screened ones too. */
function answers({ length, screened }: Observations): number {
  return length + (screened?.length ?? 0);
}
