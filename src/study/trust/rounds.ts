import type { Diagnostics } from '../../baselines/method.js';
import { PredictionWindow, type Quality } from '../../statistics/window.js';
import type { Metrics, Objective, Round, Trial, Warning } from '../types.js';
import { DriftWatch } from './drift.js';
import { WarningWatch } from './warnings.js';

/** Answers that `Round.recent` looks at: few enough to be of now, enough that τ of chance is within ±0.32 nine times in ten. */
const RECENT = 20;
/** The same for `Round.overall`: a bound on what a round costs, above what most searches pay for. */
const OVERALL = 4096;

const nothing: Quality = Object.freeze({ answers: 0, tau: null, coverage: null, bias: null });

/**
 * What a study's proxy expected, round by round, and how that held.  Answers count when their whole round is finished, in
 * the order asked, so that no figure depends on the order told within a round.
 */
export class Rounds {
  readonly all: Round[] = [];
  readonly warnings: Warning[] = [];
  /** Trials that are not finished, of the rounds (by place) that have some. */
  private readonly open = new Map<number, number>();
  private readonly recent = new PredictionWindow(RECENT);
  private readonly overall = new PredictionWindow(OVERALL);
  private readonly watch: WarningWatch;
  private readonly drift = new DriftWatch();
  private quality: Pick<Round, 'recent' | 'overall'> = { recent: nothing, overall: nothing };

  /** `trials` is the study's own list, in which finished ones take the place of running ones. */
  constructor(
    private readonly trials: readonly Trial[],
    private readonly objective: Objective,
  ) {
    this.watch = new WarningWatch(objective.goal, RECENT);
  }

  /** These trials, which stand in the list already, were asked; those that the proxy chose come first. */
  asked(asked: readonly Trial[], diagnostics: Diagnostics): void {
    const size = asked.filter(({ predicted }) => predicted !== undefined).length;
    if (size === 0) return;
    const { round, id: first } = asked[0]!;
    this.open.set(this.all.length, size);
    this.all.push(Object.freeze({ round, first, size, ...diagnostics, batch: null, ...this.quality }));
    this.warnings.push(...this.watch.asked(this.all.at(-1)!));
  }

  /** What a query, or a screening, measured, before its trial is finished. */
  measured(trial: Trial, metrics: Metrics): void {
    this.warnings.push(...this.drift.measured(trial, metrics));
  }

  /** A trial is complete or failed. */
  finished({ id, predicted, metrics, round: fit }: Trial): void {
    if (predicted === undefined) {
      if (metrics !== undefined && fit === 0) this.watch.sampled(metrics[this.objective.metric]!);
      return;
    }
    const place = this.placeOf(id);
    const left = this.open.get(place)! - 1;
    this.open.set(place, left);
    if (left > 0) return;
    this.open.delete(place);
    const asked = this.all[place]!;
    const batch = new PredictionWindow(Math.min(asked.size, OVERALL));
    // Of more than a window holds only the last would stay.
    for (let at = asked.first - 1 + Math.max(0, asked.size - OVERALL); at < asked.first - 1 + asked.size; ++at)
      this.count(this.trials[at]!, batch);
    this.quality = { recent: this.recent.quality(), overall: this.overall.quality() };
    const round = Object.freeze({ ...asked, batch: batch.quality(), ...this.quality });
    this.all[place] = round;
    this.warnings.push(...this.watch.finished(round, this.recent, batch.length));
  }

  private count({ predicted, interval, metrics }: Trial, batch: PredictionWindow): void {
    if (metrics === undefined) return;
    const value = metrics[this.objective.metric]!;
    for (const window of [batch, this.recent, this.overall]) window.push({ predicted: predicted!, interval, value });
  }

  /** The place of the round that a trial is of. */
  private placeOf(id: number): number {
    let low = 0;
    let high = this.all.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.all[middle]!.first <= id) low = middle;
      else high = middle;
    }
    return low;
  }
}
