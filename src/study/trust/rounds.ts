import type { Diagnostics } from '../../baselines/method.js';
import { PredictionWindow } from '../../statistics/window.js';
import type { Metrics, Objective, Round, Trial, Warning } from '../types.js';
import { Answered } from './answered.js';
import { DriftWatch } from './drift.js';
import { roundOf, type Facts, type Figures } from './round.js';
import { WarningWatch } from './warnings.js';

/** Answers that `Round.recent` looks at: few enough to be of now, enough that τ of chance is within ±0.32 nine times in ten. */
const RECENT = 20;
/** The same for `Round.overall`: a bound on what a look at it costs, above what most searches pay for. */
const OVERALL = 4096;

/** What is kept of a round. */
interface Kept {
  readonly facts: Facts;
  figures: Figures;
  /** Trials that are not finished. */
  open: number;
}

/**
 * What a study's proxy expected, round by round, and how that held.  Answers count when their whole round is finished, in
 * the order asked, so that no figure depends on the order told within a round.
 */
export class Rounds {
  readonly warnings: Warning[] = [];
  private readonly kept: Kept[] = [];
  /** As the study shows them, from the first look on: a file that is opened has many, each first asked and then finished. */
  private shown: Round[] | undefined;
  private readonly answered: Answered;
  /** The latest of them, which warnings look at. */
  private readonly recent = new PredictionWindow(RECENT);
  private readonly watch: WarningWatch;
  private readonly drift = new DriftWatch();

  /** `trials` is the study's own list, in which finished ones take the place of running ones. */
  constructor(
    private readonly trials: readonly Trial[],
    private readonly objective: Objective,
  ) {
    this.answered = new Answered(trials, objective.metric, { recent: RECENT, overall: OVERALL });
    this.watch = new WarningWatch(objective.goal, RECENT);
  }

  /** In the order asked; it goes on as they come. */
  get all(): readonly Round[] {
    return (this.shown ??= this.kept.map(({ facts, figures }) => roundOf(facts, figures)));
  }

  /** These trials, which stand in the list already, were asked; those that the proxy chose come first. */
  asked(asked: readonly Trial[], diagnostics: Diagnostics): void {
    const size = asked.filter(({ predicted }) => predicted !== undefined).length;
    if (size === 0) return;
    const { round, id: first } = asked[0]!;
    const facts: Facts = { round, first, size, ...diagnostics };
    const figures = this.answered.standing();
    this.kept.push({ facts, figures, open: size });
    this.shown?.push(roundOf(facts, figures));
    this.warnings.push(...this.watch.asked(facts));
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
    const kept = this.kept[place]!;
    kept.open -= 1;
    if (kept.open > 0) return;
    const { facts } = kept;
    const before = this.answered.count;
    // Of more than a window holds only the last would stay.
    for (let at = facts.first - 1 + Math.max(0, facts.size - OVERALL); at < facts.first - 1 + facts.size; ++at)
      this.count(this.trials[at]!);
    kept.figures = this.answered.standing(before);
    if (this.shown !== undefined) this.shown[place] = roundOf(facts, kept.figures);
    this.warnings.push(...this.watch.finished(facts, this.recent, this.answered.count - before));
  }

  private count({ id, metrics }: Trial): void {
    if (metrics !== undefined) this.recent.push(this.answered.add(id));
  }

  /** The place of the round that a trial is of. */
  private placeOf(id: number): number {
    let low = 0;
    let high = this.kept.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.kept[middle]!.facts.first <= id) low = middle;
      else high = middle;
    }
    return low;
  }
}
