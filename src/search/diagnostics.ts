import type { ClimbDiagnostics, Diagnostics, Proposal } from '../baselines/method.js';
import type { ClimbEntropy, NativePool } from '../native.js';
import type { LabelTransform } from '../proxy/labels.js';
import type { ClimbYield } from './head.js';

/** Standard deviations from the mean of a Gaussian to its 95 % quantile. */
const Z95 = 1.6448536269514722;

/** What a proposal says of the objective. */
export type Expectation = Pick<Proposal, 'predicted' | 'interval'>;

/**
 * What a target's mean and standard deviation over the ensemble say of the objective.  The transform keeps the order, so
 * that quantiles of the one are quantiles of the other: the median, and with a deviation the 5 % and the 95 %.
 */
export function expectation({ invert }: LabelTransform, mean: number, deviation: number | undefined): Expectation {
  const predicted = invert(mean);
  if (deviation === undefined) return { predicted };
  const [low, high] = [invert(mean - Z95 * deviation), invert(mean + Z95 * deviation)];
  // A member that has diverged is sure of nothing.
  return Number.isFinite(low) && Number.isFinite(high) ? { predicted, interval: [low, high] } : { predicted };
}

/** Looks at the tally of a pool, cleared before, between the steps that fill it. */
export class CandidateNotes {
  /** What is new of what was drawn; undefined where nothing was. */
  gave: ClimbYield | undefined;
  private climb: Omit<ClimbDiagnostics, 'picked'> | undefined;
  private neighbours: number | null = null;
  /** Candidates that a scan kept. */
  private kept = 0;
  private seen: { added: number; repeated: number };

  /** `screened`: candidates that are in the pool already, having been screened. */
  constructor(
    private readonly pool: NativePool,
    private readonly screened = 0,
  ) {
    this.seen = { added: screened, repeated: 0 };
  }

  /** The climbed distributions, of this entropy, were drawn from: first of all, so that their candidates stand in front. */
  drawn({ alpha, beta }: ClimbEntropy): void {
    const tally = this.pool.tally();
    this.gave = { found: tally.added, broken: tally.outside + tally.infeasible };
    const broken = tally.invalid + tally.outside + tally.infeasible;
    const draws = tally.added + tally.known + tally.repeated + broken;
    const share = (count: number): number => (draws === 0 ? 0 : count / draws);
    this.climb = {
      alphaEntropy: alpha,
      betaEntropy: beta,
      draws,
      duplicates: share(tally.known + tally.repeated),
      invalid: share(broken),
    };
    this.seen = tally;
  }

  /** The neighbours of the incumbents were added: those drawn before count, for they are new all the same. */
  surrounded(): void {
    const { added, repeated } = this.pool.tally();
    this.neighbours = added - this.seen.added + (repeated - this.seen.repeated);
  }

  /** A scan made so many of what it scored candidates. */
  scanned(kept: number): void {
    this.kept += kept;
  }

  /** All is scored, and the candidates at these places were picked. */
  picked(places: Uint32Array): Diagnostics {
    const { scanned } = this.pool.tally();
    const drawn = this.seen.added;
    return {
      climb: this.climb === undefined ? null : { ...this.climb, picked: places.filter((at) => at < drawn).length },
      neighbours: this.neighbours,
      scored: this.pool.size + scanned - this.kept,
      ...(this.screened > 0 ? { screened: this.screened } : {}),
    };
  }
}
