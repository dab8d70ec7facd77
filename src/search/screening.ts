import type { Observations, Proposal } from '../baselines/method.js';

/**
 * A cheap measurement is worth it while the variance that it explains of a full one, its squared correlation, is more than
 * so many times what it costs: knowing half as much for half the price is no gain, since what looks best is trained in
 * full after all.
 */
const LEAST_GAIN = 2;

/**
 * First samples for each that a search without cheap measurements has, at most, and full trainings that more of them than
 * that search has may cost.
 */
const FIRST_SAMPLES = 2;
const FIRST_COST = 2;

/** Of more than this many screened the best by their cheap results can be asked for in full. */
const MOST_PROMOTABLE = 256;

/** Sums of costs are a little off. */
const ROUNDING = 1e-9;

/** What one call of a search is to do. */
export interface Call {
  /** Whether it gives first samples, without a proxy. */
  readonly first: boolean;
  /** How many proposals it gives at most. */
  readonly count: number;
  /** How many screenings leave a full training to be paid for; 0 where nothing can be screened. */
  readonly affordable: number;
  /** Whether it screens what is new. */
  readonly screens: boolean;
}

export interface ScreeningState {
  readonly asked: number;
  readonly row: number;
  readonly open: readonly (readonly [key: string, number: number])[];
}

/** How many first samples, all of them cheap, stand for `init` full ones. */
export function firstScreened(init: number, cost: number): number {
  return Math.max(init, Math.min(FIRST_SAMPLES * init, Math.floor(FIRST_COST / cost + ROUNDING)));
}

/**
 * What was measured at a low fidelity and not asked for in full: whatever promises most is screened first, and trained in
 * full once it promises most though its cheap result is known.
 */
export class Screening {
  /** Numbers of the screened, by their genes, and the same numbers. */
  private readonly open = new Map<string, number>();
  private readonly numbers = new Set<number>();
  private asked = 0;
  /** Screened since the last that was asked for in full. */
  private row = 0;

  /** `cost` of one, 0..1, a full training being 1. */
  constructor(private readonly cost: number) {}

  /** How many must be in full now: as many as those that were screened since the last have cost. */
  get due(): number {
    return Math.floor(this.row * this.cost + ROUNDING);
  }

  /** Whether cheap measurements that correlate so with full ones are worth what they cost. */
  worth(correlation: number): boolean {
    return correlation ** 2 > LEAST_GAIN * this.cost;
  }

  private affordable(left: number): number {
    return Math.max(0, Math.floor((left - 1) / this.cost + ROUNDING));
  }

  /**
   * What a call for `count` is to do, `left` being what can be paid for, in full trainings, and `correlation` as in
   * `worth`.  `first`: whether first samples are next; `designed`: whether all of them were proposed, and lack answers.
   */
  call(count: number, left: number, correlation: number, first: boolean, designed: boolean): Call {
    const affordable = this.affordable(left);
    // First samples that find no answer must not be screened for ever.
    const overdue = first && designed ? this.due : 0;
    const screens = affordable > 0 && overdue === 0 && (first || this.worth(correlation));
    const inFull = Math.min(count, Math.max(1, Math.floor(left)));
    const wanted = !first || affordable === 0 ? inFull : Math.min(count, overdue || affordable);
    return { first, count: wanted, affordable, screens };
  }

  /** What was chosen in a call, in full first, as far as `left` pays for, and how many proposals it pays for. */
  paid(chosen: readonly Proposal[], call: Call, left: number): { proposals: Proposal[]; count: number } {
    const full = chosen.filter((proposal) => proposal.cheap !== true);
    const cheap = chosen.filter((proposal) => proposal.cheap === true);
    const room = call.screens && !call.first ? full.length + this.affordable(left - full.length) : call.count;
    return { proposals: [...full, ...cheap].slice(0, room), count: Math.min(call.count, room) };
  }

  /** All that a call proposed, in that order. */
  add(proposals: readonly Proposal[]): void {
    for (const { genes, cheap } of proposals) {
      this.asked += 1;
      const key = keyOf(genes);
      if (cheap === true) {
        this.open.set(key, this.asked);
        this.numbers.add(this.asked);
        this.row += 1;
      } else {
        this.numbers.delete(this.open.get(key) ?? 0);
        this.open.delete(key);
        this.row = 0;
      }
    }
  }

  snapshot(): ScreeningState {
    const { asked, row } = this;
    return { asked, row, open: [...this.open] };
  }

  restore({ asked, row, open }: ScreeningState): void {
    this.asked = asked;
    this.row = row;
    for (const [key, number] of open) {
      this.open.set(key, number);
      this.numbers.add(number);
    }
  }

  /** Genes (n, G) of those whose cheap result is known, the best first: they can be asked for in full. */
  promotable(screened: Observations): Uint8Array {
    const ids: number[] = [];
    for (const id of screened.byValue()) {
      if (ids.length >= MOST_PROMOTABLE) break;
      if (this.numbers.has(id)) ids.push(id);
    }
    return screened.genesOf(Int32Array.from(ids));
  }
}

/** Text of an architecture's genes, for maps. */
export function keyOf(genes: Uint8Array): string {
  return String.fromCharCode(...genes);
}
