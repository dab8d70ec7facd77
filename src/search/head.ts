import type { FitPlan } from '../native.js';
import type { Ensemble } from '../proxy/ensemble.js';
import { deriveSeed, SeedLane } from '../random.js';
import { coreOf } from '../space/explore.js';
import type { SearchSpace } from '../space/types.js';

/** Candidates that a climb is to find for each one wanted: with fewer the limits weigh more in the next, with more than that less. */
const [SHORT, PLENTY] = [2, 6];
/** Where most of what is new meets the limits, what lacks is not that. */
const MOSTLY = 0.5;
/** What the limits weigh at most, against an objective of weight 1. */
const HEAVIEST = 8;
/** Typical violations that count as no worse than so many. */
const WORST = 3;

/** How networks learn the limits that are known before a query: by a second output, how far an architecture breaks them. */
export interface HeadPlan {
  /** Random architectures that the networks are taught on first, and how. */
  readonly first: number;
  readonly epochs: number;
  readonly batch: number;
  /** Random architectures that a fit has for each one that was queried, others every time. */
  readonly beside: number;
}

export interface HeadState {
  readonly taught: boolean;
  readonly due: boolean;
  readonly units: readonly number[];
  readonly mean: number;
  readonly weight: number;
  readonly blind: boolean;
}

/** What a climb gave that was neither asked before nor drawn twice: candidates, and what breaks a known limit. */
export interface ClimbYield {
  readonly found: number;
  readonly broken: number;
}

/**
 * The head of an ensemble that knows the limits.  No query is needed to learn them, so it is taught on architectures that nobody
 * asked for; where all limits are met its target is flat, so that a climb is turned away from what breaks one and need not
 * care how far it stays below.  Smooth networks care all the same, and the best is often next to a limit: so its weight is a
 * multiplier, nothing while climbs find enough that meets the limits, and only then is it taught at all.
 */
export class Head {
  /** Whether the ensemble was taught; whoever puts its parameters back puts this back. */
  taught = false;
  /** Whether the limits weigh something that the ensemble has not been fitted with yet. */
  due = false;
  /** Of the first architectures: what each limit is typically broken by where it is, and the mean of all violations. */
  private units: readonly number[] = [];
  private mean = 0;
  /** Of the violation, against the objective's 1. */
  private weight = 0;
  /** Whether too few architectures can be drawn to learn from. */
  private blind = false;

  /** `excess`: see `Permitted.excess`. */
  constructor(
    private readonly space: SearchSpace,
    private readonly seed: number,
    private readonly plan: HeadPlan,
    private readonly excess: (genes: Uint8Array) => Promise<readonly Float64Array[]>,
  ) {}

  snapshot(): HeadState {
    const { taught, due, units, mean, weight, blind } = this;
    return { taught, due, units, mean, weight, blind };
  }

  restore({ taught, due, units, mean, weight, blind }: HeadState): void {
    Object.assign(this, { taught, due, units, mean, weight, blind });
  }

  /** Weights of the outputs in what is climbed. */
  get weights(): Float32Array {
    return Float32Array.of(1, this.taught ? -this.weight : 0);
  }

  /** Weighs the limits by what a climb for `count` architectures gave. */
  weigh({ found, broken }: ClimbYield, count: number): void {
    if (this.blind) return;
    const before = this.weight;
    if (found < SHORT * count && broken > MOSTLY * (found + broken))
      this.weight = Math.min(HEAVIEST, Math.max(1, 2 * this.weight));
    else if (found > PLENTY * count) this.weight = this.weight > 1 ? this.weight / 2 : 0;
    this.due = before === 0 && this.weight > 0;
  }

  /** Teaches the ensemble the limits, once, before the first fit that they weigh in.  An abort leaves it half-way. */
  async begin(
    ensemble: Ensemble,
    fit: Omit<FitPlan, 'seed' | 'round'>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (this.taught || this.weight === 0) return;
    const { first, epochs, batch } = this.plan;
    const genes = this.drawn(first, 0);
    const columns = await this.excess(genes);
    const broken = columns.map((column) => column.filter((value) => value > 0));
    // One that nothing breaks teaches nothing.
    this.units = broken.map(
      (all) => Math.sqrt(all.reduce((sum, value) => sum + value ** 2, 0) / all.length) || Infinity,
    );
    this.mean = 0;
    const violations = this.targets(columns);
    this.blind = violations.length < first / 10 || violations.every((value) => value === violations[0]);
    if (this.blind) {
      this.weight = 0;
      this.due = false;
      return;
    }
    this.mean = violations.reduce((sum, value) => sum + value, 0) / violations.length;
    const targets = violations.flatMap((value) => [NaN, value - this.mean]);
    await ensemble.fit(
      genes,
      Float32Array.from(targets),
      { ...fit, epochs, batch, seed: this.seed, round: 0 },
      { signal },
    );
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

  /** Violations in typical ones, less their mean; what has no value of a metric breaks its limit as is typical. */
  private targets(columns: readonly Float64Array[]): number[] {
    return Array.from(columns[0] ?? [], (_, i) => {
      const sum = columns.reduce(
        (all, column, k) => all + (Number.isNaN(column[i]!) ? 1 : column[i]! / this.units[k]!),
        0,
      );
      return Math.min(WORST, sum) - this.mean;
    });
  }
}
