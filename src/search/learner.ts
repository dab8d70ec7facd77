import type { Answer, Observations } from '../baselines/method.js';
import type { KernelView } from '../native.js';
import type { LabelTransform } from '../proxy/labels.js';
import type { SearchSpace } from '../space/types.js';
import { evidenceOf, type EvidencePlan } from './evidence.js';
import { labelsOf, type LearnPlan } from './learn.js';
import { Process } from './process.js';
import type { Stream } from './surrogate.js';

/** A Gaussian process that learns one of the numbers that answers tell. */
export class Learner {
  readonly process: Process;

  /**
   * `reference` (m, G), m >= 1: architectures that stand for the space.  `written`: whether operations without effect count, as
   * they do for a latency.
   */
  constructor(
    space: SearchSpace,
    reference: Uint8Array,
    views: readonly KernelView[] | undefined,
    private readonly of: (answer: Answer) => number,
    private readonly labels: LearnPlan['labels'],
    written = false,
  ) {
    this.process = new Process(space, reference, views, written);
  }

  /** The labels of the last fit. */
  get label(): LabelTransform {
    return this.process.learnt!.labels!;
  }

  /** Learns at least two answers. */
  async learn(history: Observations, plan: EvidencePlan, stream: Stream): Promise<void> {
    const value = (id: number): number => this.of(history.answer(id)!);
    // What is in the window is the same for all: the order is that of the history.
    const one: Observations = {
      length: history.length,
      inOrder: () => history.inOrder(),
      byValue: () => history.byValue(),
      value,
      answer: (id) => history.answer(id),
      genesOf: (ids) => history.genesOf(ids),
    };
    const { labels } = labelsOf(one, { ...plan, labels: this.labels }, stream);
    await this.process.learn(evidenceOf(one, labels, plan, stream));
  }
}
