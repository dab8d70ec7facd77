import type { FitPlan } from '../native.js';
import type { ClimbDiagnostics } from '../baselines/method.js';
import type { Ensemble } from '../proxy/ensemble.js';
import type { WorkContext } from '../proxy/slices.js';
import { deriveSeed, SeedLane } from '../random.js';
import { coreOf } from '../space/explore.js';
import type { SearchSpace } from '../space/types.js';

/** Candidates that a climb is to find for each one wanted: with fewer the limits weigh more in the next, with more than that less. */
const [SHORT, PLENTY] = [2, 6];
/** Where most of what is drawn meets the limits, what lacks are not those that do. */
const MOSTLY = 0.5;
/** What the limits weigh at most, against an objective of weight 1. */
const HEAVIEST = 8;

/** How networks learn the limits that are known before a query: by a second output, how far an architecture breaks them. */
export interface HeadPlan {
  /** Random architectures that the networks are taught on first, and how. */
  readonly first: number;
  readonly epochs: number;
  readonly batch: number;
  /** Random architectures that a fit has for each one that was queried, others every time. */
  readonly beside: number;
}

/**
 * The head of an ensemble that knows the limits.  No query is needed to learn them, so it is taught on architectures that nobody
 * asked for; where all limits are met its target is flat, so that a climb is turned away from what breaks one and need not
 * care how far it stays below.  Smooth networks care all the same, and the best is often next to a limit: so its weight is a
 * multiplier, nothing while climbs find enough that meets the limits, and only then is it taught at all.
 */
export class Head {
  /** Of the first architectures, if there are any: deviations of what each limit is broken by, and mean and deviation of their sum. */
  private units: readonly number[] = [];
  private mean = 0;
  private deviation = 1;
  private taught = false;
  /** Of the violation, against the objective's 1. */
  private weight = 0;

  /** `excess`: see `Permitted.excess`. */
  constructor(
    private readonly space: SearchSpace,
    private readonly seed: number,
    private readonly plan: HeadPlan,
    private readonly excess: (genes: Uint8Array) => Promise<readonly Float64Array[]>,
  ) {}

  /** Weights of the outputs in what is climbed. */
  get weights(): Float32Array {
    return Float32Array.of(1, -this.weight);
  }

  /** Weighs the limits by what came of a climb for `count` architectures. */
  weigh({ draws, duplicates, invalid }: ClimbDiagnostics, count: number): void {
    const found = draws * (1 - duplicates - invalid);
    if (found < SHORT * count && invalid > MOSTLY) this.weight = Math.min(HEAVIEST, Math.max(1, 2 * this.weight));
    else if (found > PLENTY * count) this.weight = this.weight > 1 ? this.weight / 2 : 0;
  }

  /** Teaches the ensemble the limits, once, before the first fit that they weigh in.  An abort leaves it as it was. */
  async begin(ensemble: Ensemble, fit: Omit<FitPlan, 'seed' | 'round'>, context: WorkContext): Promise<void> {
    if (this.taught || this.weight === 0) return;
    const { first, epochs, batch } = this.plan;
    const genes = this.drawn(first, 0);
    this.taught = genes.length === 0; // of a space of which chance finds none nothing is learnt
    if (this.taught) return;
    const columns = await this.excess(genes);
    this.units = columns.map((column) => momentsOf(column.filter((value) => !Number.isNaN(value))).deviation);
    ({ mean: this.mean, deviation: this.deviation } = momentsOf(this.violations(columns)));
    const targets = this.targets(columns).flatMap((target) => [NaN, target]);
    const before = ensemble.snapshot();
    try {
      await ensemble.fit(
        genes,
        Float32Array.from(targets),
        { ...fit, epochs, batch, seed: this.seed, round: 0 },
        context,
      );
    } catch (error) {
      ensemble.restore(before);
      throw error;
    }
    this.taught = true;
  }

  /** What a fit learns from: queried architectures (genes (n, G)) with these labels (n), and others; targets (m, 2). */
  async lesson(
    genes: Uint8Array,
    labels: Float32Array,
    round: number,
  ): Promise<{ genes: Uint8Array; targets: Float32Array }> {
    if (this.weight === 0) return { genes, targets: Float32Array.from([...labels].flatMap((label) => [label, NaN])) };
    const others = this.drawn(Math.ceil(this.plan.beside * labels.length), round);
    const all = new Uint8Array(Buffer.concat([genes, others]));
    const targets = this.targets(await this.excess(all));
    return { genes: all, targets: Float32Array.from(targets.flatMap((target, i) => [labels[i] ?? NaN, target])) };
  }

  private drawn(count: number, round: number): Uint8Array {
    return coreOf(this.space).draw(count, deriveSeed(this.seed, SeedLane.Unqueried, round), round).genes;
  }

  private targets(columns: readonly Float64Array[]): number[] {
    return this.violations(columns).map((violation) => (violation - this.mean) / this.deviation);
  }

  /** What has no value of a metric breaks its limit by a typical amount. */
  private violations(columns: readonly Float64Array[]): number[] {
    return Array.from(columns[0]!, (_, i) =>
      columns.reduce((sum, column, k) => sum + (Number.isNaN(column[i]!) ? 1 : column[i]! / this.units[k]!), 0),
    );
  }
}

/** A deviation of 0 as 1. */
function momentsOf(values: ArrayLike<number>): { mean: number; deviation: number } {
  const all = Array.from(values);
  const mean = all.reduce((sum, value) => sum + value, 0) / Math.max(1, all.length);
  const variance = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, all.length);
  return { mean, deviation: Math.sqrt(variance) || 1 };
}
