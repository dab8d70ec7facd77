import type { Objective, Warning } from '../types.js';
import { Alarm } from './alarm.js';
import type { Facts } from './round.js';
import { superiority } from './superiority.js';
import type { PredictionWindow } from '../../statistics/window.js';

/**
 * Entropy at most this, and draws that repeat at least so often, in 3 rounds running.  Searches that find the best have a
 * mean entropy of 0.15 and more (of 84 runs on seven spaces), and duplicates up to 0.99 in a space that is nearly known:
 * either alone is no sign.  At 0.05 of five choices, the likeliest has a probability of 0.99.
 */
const COLLAPSED = { entropy: 0.05, duplicates: 0.9, rounds: 3 };

/**
 * τ over the last answers is at most 0, and what the proxy chose beats the first samples by less than a standard deviation
 * of chance.  τ alone is no sign: what is chosen lies close together at the top, and in one of three rounds of searches
 * that find the best it is below 0.  In those the choice beats the samples by 3.2 deviations and more whenever τ is not
 * positive (48 runs on Digits-201, NAS-Bench-201, NAS-Bench-Macro, NAS-Bench-101); of an oracle of noise it stays below
 * 0.7 at some such time (16 of 16 runs of 100 queries).  Of fewer than 5 samples a single good one would decide.
 */
const GAP = { tau: 0, deviations: 1, samples: 5 };

/**
 * Share of the last answers below the interval's pessimistic end, over as many further answers.  The intervals are of the
 * ensemble alone and narrow (they hold about 0.45 instead of 0.9), so a third is usual, and after the first samples up to
 * 0.8, but in none of those 48 runs 0.7 for more than 9 answers; an objective that falls by 0.3 a query gives 33 and more.
 */
const OPTIMISTIC = { worse: 0.7, answers: 20 };
/** A round's weight in that at most, so that it takes three: one large batch is one fit, which may just be unlucky. */
const ROUND_WEIGHT = 7;

/** Candidates for each one asked below which the proxy hardly chooses; ordinary rounds have 7 and more. */
const FEW = 2;

/** What has ended for this many rounds, or answers, may begin, and be said, again. */
const OVER = { rounds: 5, answers: 20 };

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** Looks out for the known ways in which a search goes wrong; each is told once when it begins. */
export class WarningWatch {
  private readonly collapse = new Alarm(COLLAPSED.rounds, OVER.rounds);
  private readonly exhaustion = new Alarm(1, OVER.rounds);
  private readonly gap = new Alarm(1, OVER.answers);
  private readonly optimism = new Alarm(OPTIMISTIC.answers, OVER.answers);
  private readonly samples: number[] = [];

  /** `window`: answers that must be there before predictions are judged. */
  constructor(
    private readonly goal: Objective['goal'],
    private readonly window: number,
  ) {}

  /** An architecture that no proxy chose was measured: the first 64 say what chance finds. */
  sampled(value: number): void {
    if (this.samples.length < 64) this.samples.push(value);
  }

  /** What a round says about the candidates, before any of it is measured. */
  asked(round: Facts): Warning[] {
    return [...this.collapsed(round), ...this.exhausted(round)];
  }

  /** What the latest answers say about the proxy, `answers` of them being those of the round. */
  finished(round: Facts, recent: PredictionWindow, answers: number): Warning[] {
    if (recent.length < this.window) return [];
    return [...this.gapped(round, recent, answers), ...this.optimistic(round, recent, answers)];
  }

  private collapsed({ round, climb }: Facts): Warning[] {
    if (climb === null) return [];
    const entropy = Math.max(climb.alphaEntropy ?? 0, climb.betaEntropy ?? 0);
    if (!this.collapse.judge(entropy <= COLLAPSED.entropy && climb.duplicates >= COLLAPSED.duplicates)) return [];
    const message =
      `the climbed distributions have collapsed: their entropy is ${entropy.toFixed(2)} of 1, and ` +
      `${percent(climb.duplicates)} of ${climb.draws} draws were asked or drawn before`;
    const hint =
      'the climb finds nothing new: go on with another seed, more first samples (init) or the default preset';
    return [{ code: 'MODE_COLLAPSE', message, hint, round }];
  }

  private exhausted({ round, neighbours, scored, screened, size }: Facts): Warning[] {
    // Where one of the screened is due the others are no candidates.
    const few = scored < FEW * size && scored !== screened;
    if (!this.exhaustion.judge(neighbours === 0 || few)) return [];
    const message = few
      ? `hardly anything is left to choose from: ${scored} candidates for ${size} queries`
      : 'the neighbourhood is exhausted: every neighbour of the best architectures that may be asked has been';
    const hint = 'stop here, ask for fewer at once (batch), or search a larger space or pool';
    return [{ code: 'NEIGHBOURHOOD_EXHAUSTED', message, hint, round }];
  }

  private gapped({ round }: Facts, recent: PredictionWindow, answers: number): Warning[] {
    const tau = recent.tau();
    if (tau === null || this.samples.length < GAP.samples) return [];
    // Every pair is looked at: only where it matters.
    const above = tau > GAP.tau ? undefined : superiority(recent.measured, this.samples, this.goal);
    if (!this.gap.judge(above !== undefined && above.deviations < GAP.deviations, answers)) return [];
    const message =
      `the proxy does not predict what is measured: over the last ${recent.length} answers Kendall's tau is ` +
      `${tau.toFixed(2)}, and what it chose beats the first samples in ${percent(above!.share)} of all pairs`;
    const hint =
      'check that the objective is no noise and the oracle measures what was asked; more first samples (init) help';
    return [{ code: 'PROXY_GAP', message, hint, round }];
  }

  private optimistic({ round }: Facts, recent: PredictionWindow, answers: number): Warning[] {
    const worse = recent.share(this.goal === 'maximize' ? -1 : 1);
    if (worse === null) return [];
    if (!this.optimism.judge(worse >= OPTIMISTIC.worse, Math.min(answers, ROUND_WEIGHT))) return [];
    const message =
      `the proxy expects too much: ${percent(worse)} of the last ${recent.length} results are worse than the ` +
      'pessimistic end of its 90 % interval';
    const hint = 'check that the oracle measures alike throughout the search; go by results, not by predictions';
    return [{ code: 'PROXY_OPTIMISM', message, hint, round }];
  }
}
