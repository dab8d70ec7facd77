import type { Answer } from '../baselines/method.js';
import type { Aim } from '../metric/aim.js';
import { excessOf } from '../metric/constraint.js';
import { native, type KernelView } from '../native.js';
import type { SearchSpace } from '../space/types.js';
import { Learner } from './learner.js';

/**
 * Where a single objective is constrained, how far below the best feasible, on the way to the worst, merit begins: the more, the
 * more being feasible counts (docs/method.md has the figures).
 */
const BELOW = 0.1;

/** What has no merit stands behind what has, the more so the less it promises. */
const BEHIND = -50;

/** What only a query tells of the constraints: a Gaussian process for each metric, and how likely a candidate meets all. */
export class Limits {
  readonly learners: readonly Learner[];

  constructor(
    space: SearchSpace,
    reference: Uint8Array,
    views: readonly KernelView[] | undefined,
    private readonly bounds: Aim['costly'],
  ) {
    this.learners = bounds.map(
      (_, k) => new Learner(space, reference, views, ({ costly }) => costly[k]!, 'standard', true),
    );
  }

  /** Of each metric means (n), then deviations (n), of genes (n, G). Synchronous: callers bound the batches. */
  believe(genes: Uint8Array): Float32Array[] {
    return this.learners.map(({ process }) => process.predict(genes));
  }

  /** (n) log of the probability that all are met, given what is believed; undefined where there are none. */
  feasibility(belief: readonly Float32Array[]): Float32Array | undefined {
    const each = belief.map((both, k) => {
      const { low, high } = this.labelled(k);
      const [means, deviations] = [both.slice(0, both.length / 2), both.slice(both.length / 2)];
      return native().logFeasibility(means, deviations, low, high);
    });
    return each[0]?.map((_, i) => each.reduce((sum, logs) => sum + logs[i]!, 0));
  }

  /** Whether an architecture that comes out as expected meets all. */
  holds(belief: readonly Float32Array[], place: number): boolean {
    return belief.every((both, k) => both[place]! >= this.labelled(k).low && both[place]! <= this.labelled(k).high);
  }

  /** By how much an answer is out of bounds, each in the deviation of its metric. */
  excess({ costly }: Answer): number {
    return this.bounds.reduce((sum, bound, k) => {
      const { target } = this.learners[k]!.label;
      return sum + excessOf({ min: target(bound.min), max: target(bound.max) }, target(costly[k]!));
    }, 0);
  }

  /** Learns the first `count` of genes (n, G) as if they had come out so. */
  async imagine(genes: Uint8Array, belief: readonly Float32Array[], count: number): Promise<void> {
    for (const [k, { process }] of this.learners.entries()) await process.imagine(genes, belief[k]!.slice(0, count));
  }

  /** Bounds in the labels of the last fit. */
  private labelled(k: number): { low: number; high: number } {
    const { target } = this.learners[k]!.label;
    const finite = (label: number): number => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, label));
    return { low: finite(target(this.bounds[k]!.min)), high: finite(target(this.bounds[k]!.max)) };
  }
}

/** (n) log of how far upper confidence bounds are above where merit begins, given the best that is feasible and the worst. */
export function meritsOf(
  means: Float32Array,
  deviations: Float32Array,
  beta: number,
  best: number,
  worst: number,
): Float32Array {
  const floor = best - BELOW * (best - worst);
  return means.map((mean, i) => {
    const merit = mean + beta * deviations[i]! - floor;
    return merit > 0 ? Math.log(merit) : BEHIND + merit;
  });
}
