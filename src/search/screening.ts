import type { Observations, Proposal } from '../baselines/method.js';
import { contains } from './pending.js';

/**
 * A cheap measurement is worth it while the variance that it explains of a full one, its squared correlation, is more than
 * so many times what it costs: knowing half as much for half the price is no gain, since what looks best is trained in
 * full after all.
 */
const LEAST_GAIN = 2;

/** First samples for each that a search without cheap measurements has, at most, and full trainings that they cost about. */
const FIRST_SAMPLES = 2;
const FIRST_COST = 2;

/** How many first samples, all of them cheap, stand for `init` full ones. */
export function firstScreened(init: number, cost: number): number {
  return Math.max(init, Math.min(FIRST_SAMPLES * init, Math.floor(FIRST_COST / cost)));
}

/**
 * What was measured at a low fidelity and not asked for in full: whatever promises most is screened first, and trained in
 * full once it promises most though its cheap result is known.
 */
export class Screening {
  /** Numbers of the screened, by their genes. */
  private readonly open = new Map<string, number>();
  private asked = 0;
  /** Screened since the last that was asked for in full. */
  private row = 0;

  /** `cost` of one, 0..1, a full training being 1. */
  constructor(private readonly cost: number) {}

  /** Whether the next must be in full: what chooses it has cost as much as a full training. */
  get due(): boolean {
    return this.row * this.cost >= 1;
  }

  /** Whether cheap measurements that correlate so with full ones are worth what they cost. */
  worth(correlation: number): boolean {
    return correlation ** 2 > LEAST_GAIN * this.cost;
  }

  /** All that a call proposed, in that order. */
  add(proposals: readonly Proposal[]): void {
    for (const { genes, cheap } of proposals) {
      this.asked += 1;
      if (cheap === true) this.open.set(keyOf(genes), this.asked);
      else this.open.delete(keyOf(genes));
      this.row = cheap === true ? this.row + 1 : 0;
    }
  }

  /** Genes (n, G) of those whose cheap result is known: they can be asked for in full. */
  promotable(screened: Observations): Uint8Array {
    const answered = screened.inOrder();
    const ids = [...this.open.values()].filter((id) => contains(answered, id));
    return screened.genesOf(Int32Array.from(ids));
  }
}

/** Text of an architecture's genes, for maps. */
export function keyOf(genes: Uint8Array): string {
  return String.fromCharCode(...genes);
}
