import type { Observations } from '../baselines/method.js';
import { throwIfAborted } from '../errors.js';
import {
  native,
  type Assessment,
  type KernelShape,
  type KernelView,
  type NativeBelief,
  type NativePool,
} from '../native.js';
import type { Ensemble } from '../proxy/ensemble.js';
import { scorePool, type WorkContext } from '../proxy/slices.js';
import type { SearchSpace } from '../space/types.js';
import { expectation, type Expectation } from './diagnostics.js';
import { evidenceOf, type Evidence, type EvidencePlan } from './evidence.js';
import { labelsOf, learn } from './learn.js';
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

/**
 * Of one call, picks between which the belief learns what it expects of those before, so that they are not alike; and of
 * more, how many at once it learns.
 */
const FANTASY_STEPS = 16;
const MOST_FANTASIES = 16;

interface Learnt extends Evidence {
  /** How much of the belief is the ensemble's. */
  readonly share: number;
}

/** What a fit goes on from. */
interface Beginning {
  readonly shape: KernelShape;
  /** Of the ensemble, if it was fitted too. */
  readonly parameters: Float32Array | undefined;
  readonly fits: number;
  readonly ensembleFit: { readonly length: number; readonly best: number };
}

/**
 * A mixture of a Gaussian process over graphs and the ensemble, and an acquisition on it.  The process knows from the
 * first answers on how unsure it is; the ensemble, which joins later, learns from more than it can hold.
 */
export class Mixture implements Surrogate {
  fits = 0;
  private readonly belief: NativeBelief;
  private learnt: Learnt | undefined;
  /** The same with what was imagined since. */
  private imagined: Learnt | undefined;
  /** Answers at the last fit. */
  private fitted = 0;
  /** The same, and the best then, at the last fit of the ensemble. */
  private ensembleFit = { length: 0, best: -Infinity };
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
    this.belief = new (native().Belief)(space.program, reference, plan.mixture.views);
  }

  get correlation(): number {
    return this.belief.shape.correlation;
  }

  scorer(turn: number): Assessment {
    const { rule, betas } = this.plan.mixture;
    const { share, best } = this.learnt!;
    const beta = betas[turn % betas.length]!;
    return { belief: this.belief, proxy: this.ensemble.scorer, share, rule, beta, best };
  }

  async fit(history: Observations, pending: Uint8Array, context: WorkContext): Promise<boolean> {
    const changed = answers(history) !== this.fitted && (await this.learn(history, context));
    const learnt = this.learnt!;
    // The last call may have left what it imagined.
    await this.belief.fit(learnt.genes, learnt.targets, false, learnt.cheap);
    this.imagined = learnt;
    if (pending.length > 0) {
      const both = this.belief.predict(this.scorer(0), pending);
      await this.imagine(learnt, pending, both.subarray(0, both.length / 2));
    }
    return changed;
  }

  /** The best by the acquisition; of several, later ones as if the earlier had come out as expected. */
  async pick(pool: NativePool, count: number, stream: Stream, context: WorkContext): Promise<Picked> {
    const step = Math.ceil(count / FANTASY_STEPS);
    const wanted = Math.min(count, pool.size);
    const places = new Set<number>();
    const genes: Uint8Array[] = [];
    const expected: (Expectation | undefined)[] = [];
    const { noise } = this.belief;
    let learnt = this.imagined!;
    let turn = stream.round;
    while (places.size < wanted) {
      const ranked = pool.pick(Math.min(wanted, places.size + step), 'mean', stream.seed, stream.round);
      const width = ranked.genes.length / ranked.places.length;
      const fresh = [...ranked.places.keys()]
        .filter((i) => !places.has(ranked.places[i]!))
        .slice(0, wanted - places.size);
      const chosen = concat(fresh.map((i) => ranked.genes.subarray(i * width, (i + 1) * width)));
      const predictions = this.belief.predict(this.scorer(turn), chosen);
      fresh.forEach((i, at) => {
        places.add(ranked.places[i]!);
        const deviation = Math.hypot(predictions[fresh.length + at]!, noise);
        expected.push(learnt.labels && expectation(learnt.labels, predictions[at]!, deviation));
      });
      genes.push(chosen);
      if (places.size >= wanted) break;
      const few = Math.min(fresh.length, MOST_FANTASIES);
      learnt = await this.imagine(learnt, chosen.subarray(0, few * width), predictions.subarray(0, few));
      pool.forgetScores();
      await scorePool(pool, this.scorer(++turn), context);
    }
    return { genes: concat(genes), places: Uint32Array.from(places), expected };
  }

  commit(): void {
    this.before = undefined;
  }

  close(): void {
    this.ensemble.close();
    this.belief.close();
  }

  /** Resolves to whether the ensemble was fitted too. */
  private async learn(history: Observations, context: WorkContext): Promise<boolean> {
    const { joinsAfter, refitAfter } = this.plan.mixture;
    // A fit that was never used, as the call that it was for was aborted, is taken back.
    if (this.before !== undefined) this.restore(this.before);
    const stream = { seed: this.seed, round: this.fits + 1 };
    const best = history.length === 0 ? -Infinity : history.value(history.byValue()[0]!);
    const joined = history.length > joinsAfter && history.screened === undefined;
    const { length, best: known } = this.ensembleFit;
    const stale = joined && (history.length - length >= refitAfter || best > known);
    const { fits, ensembleFit } = this;
    // Parameters that are put back end what was climbed from them: only those of an ensemble that is fitted anew are.
    const parameters = stale ? this.ensemble.snapshot() : undefined;
    const before = { shape: this.belief.shape, parameters, fits, ensembleFit };
    try {
      const labels = stale
        ? await learn(this.ensemble, history, this.plan, stream, context)
        : history.length === 0
          ? undefined
          : labelsOf(history, this.plan, stream).labels;
      const evidence = evidenceOf(history, labels, this.plan, stream);
      await this.belief.fit(evidence.genes, evidence.targets, true, evidence.cheap);
      throwIfAborted('fit', context.signal);
      context.onProgress?.(1);
      this.learnt = { ...evidence, share: joined ? this.plan.mixture.share : 0 };
    } catch (error) {
      this.restore(before);
      throw error;
    }
    this.before = before;
    this.fits += 1;
    this.fitted = answers(history);
    if (stale) this.ensembleFit = { length: history.length, best };
    return stale;
  }

  private restore({ shape, parameters, fits, ensembleFit }: Beginning): void {
    if (parameters !== undefined) this.ensemble.restore(parameters);
    this.belief.shape = shape;
    this.fits = fits;
    this.ensembleFit = ensembleFit;
    this.before = undefined;
    this.fitted = 0;
  }

  /** The process learns architectures as if they had come out so, in full. */
  private async imagine(learnt: Learnt, genes: Uint8Array, targets: Float32Array): Promise<Learnt> {
    const more = {
      ...learnt,
      genes: concat([learnt.genes, genes]),
      targets: Float32Array.of(...learnt.targets, ...targets),
      cheap: learnt.cheap && concat([learnt.cheap, new Uint8Array(targets.length)]),
    };
    await this.belief.fit(more.genes, more.targets, false, more.cheap);
    this.imagined = more;
    return more;
  }
}

/** All of a history, screened ones too. */
function answers({ length, screened }: Observations): number {
  return length + (screened?.length ?? 0);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
