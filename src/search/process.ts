import type { Assessment, KernelShape, KernelView, NativeBelief } from '../native.js';
import { native } from '../native.js';
import { labelsFrom, type LabelSource } from '../proxy/labels.js';
import type { SearchSpace } from '../space/types.js';
import type { Evidence } from './evidence.js';

/** What a process has learnt, as plain data. */
export interface ProcessState {
  readonly shape: KernelShape;
  readonly learnt: (Omit<Evidence, 'labels'> & { readonly labels: LabelSource | undefined }) | undefined;
}

/** A Gaussian process over architectures: what it has learnt, and what it imagines for the length of a call. */
export class Process {
  readonly belief: NativeBelief;
  /** What it was given last, with what was imagined since. */
  imagined: Evidence | undefined;
  /** The same without. */
  learnt: Evidence | undefined;

  /** `reference` (m, G), m >= 1: architectures that stand for the space. `written`: see `NativeAddon.Belief`. */
  constructor(space: SearchSpace, reference: Uint8Array, views?: readonly KernelView[], written = false) {
    this.belief = new (native().Belief)(space.program, reference, views, written);
  }

  get shape(): KernelShape {
    return this.belief.shape;
  }

  set shape(shape: KernelShape) {
    this.belief.shape = shape;
  }

  snapshot(): ProcessState {
    const { shape, learnt } = this;
    return { shape, learnt: learnt && { ...learnt, labels: learnt.labels?.source } };
  }

  /** What was learnt counts from the next `recall` on. */
  restore({ shape, learnt }: ProcessState): void {
    this.shape = shape;
    this.learnt = learnt && { ...learnt, labels: learnt.labels && labelsFrom(learnt.labels) };
  }

  /** Chooses the kernel's shape anew, from the last one on. */
  async learn(evidence: Evidence): Promise<void> {
    await this.fit(evidence, true);
    this.learnt = evidence;
  }

  /** Forgets what was imagined. */
  async recall(): Promise<void> {
    await this.fit(this.learnt!, false);
  }

  /** Learns architectures as if they had come out so, in full. */
  async imagine(genes: Uint8Array, targets: Float32Array): Promise<void> {
    const { imagined } = this;
    await this.fit(
      {
        ...imagined!,
        genes: concat([imagined!.genes, genes]),
        targets: Float32Array.of(...imagined!.targets, ...targets),
        cheap: imagined!.cheap && concat([imagined!.cheap, new Uint8Array(targets.length)]),
      },
      false,
    );
  }

  /** Means (n), then deviations (n), by the process alone. Synchronous: callers bound the batches. */
  predict(genes: Uint8Array): Float32Array {
    return this.belief.predict(this.alone, genes);
  }

  close(): void {
    this.belief.close();
  }

  private get alone(): Assessment {
    return { belief: this.belief, share: 0, rule: 'ucb', beta: 0, best: 0 };
  }

  private async fit(evidence: Evidence, tune: boolean): Promise<void> {
    await this.belief.fit(evidence.genes, evidence.targets, tune, evidence.cheap);
    this.imagined = evidence;
  }
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
