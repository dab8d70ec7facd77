import type { History } from '../baselines/history.js';
import { OptiProxyError } from '../errors.js';
import type { KnownMetrics } from '../metric/known.js';
import type { Ending } from '../store/store.js';
import { screeningMetrics, type CheckedFidelity } from './fidelity.js';
import type { Front } from './front.js';
import { checkMetrics } from './options.js';
import type { Purpose } from './purpose.js';
import { nameOf, type Outcome, type Trials } from './trials.js';
import type { Rounds } from './trust/rounds.js';
import type { Metrics, Objective, Trial } from './types.js';

/** What a study keeps of its answers. */
interface Books {
  readonly trials: Trials;
  readonly history: History;
  readonly trust: Rounds;
  readonly front: Front;
}

/** What becomes of an answer: it is checked, and then told to all that learn from it. */
export class Answers {
  constructor(
    private readonly books: Books,
    private readonly objectives: readonly Objective[],
    private readonly known: KnownMetrics,
    private readonly purpose: Purpose,
    private readonly fidelity: CheckedFidelity | undefined,
  ) {}

  /**
   * An ending of a running trial as it may be told: a copy, so that a getter cannot say something else later.  Throws
   * `UNKNOWN_TRIAL`, `TRIAL_FINISHED`, `INVALID_METRICS`, `INVALID_ARGUMENT`.
   */
  checked(id: number, ending: Ending): Ending {
    const trial = this.books.trials.running(id);
    if (ending.state !== 'complete') {
      if (typeof ending.reason === 'string') return ending;
      throw new OptiProxyError('INVALID_ARGUMENT', { what: 'reason', expected: 'a text', given: ending.reason });
    }
    const name = nameOf(trial);
    if (trial.fidelity !== undefined) {
      const wanted = [this.fidelity!.metric];
      return { state: 'complete', metrics: checkMetrics(name, ending.metrics, wanted, "the fidelity's metric") };
    }
    const wanted = this.objectives.map(({ metric }) => metric).filter((metric) => trial.known?.[metric] === undefined);
    return { state: 'complete', metrics: this.checkWanted(name, ending.metrics, wanted) };
  }

  /** Throws `INVALID_METRICS` where these cannot be told of an architecture that is not asked for yet. */
  checkMeasured(architecture: string, metrics: Metrics, known: Trial['known']): void {
    const wanted = this.objectives.map(({ metric }) => metric).filter((metric) => known?.[metric] === undefined);
    this.checkWanted(architecture, metrics, wanted);
  }

  /** Ends a running trial with what was `checked`. */
  end(id: number, ending: Ending): Trial {
    const { trials, history, front } = this.books;
    const trial = trials.running(id);
    if (ending.state === 'aborted') {
      const done = trials.abort(trial, ending.reason);
      if (done.fidelity === undefined) this.books.trust.finished(done);
      return done;
    }
    if (ending.state !== 'complete') return this.finish(trial, { state: ending.state, error: ending.reason });
    if (trial.fidelity !== undefined) return this.endScreened(trial, ending.metrics, this.fidelity!);
    const done = this.complete(trial, ending.metrics);
    if (done.broken === undefined) front.offer(done);
    this.purpose.tell(history, done);
    return done;
  }

  /** A copy, if it has the objectives that are wanted, and what is constrained. */
  private checkWanted(name: string, metrics: Readonly<Metrics>, wanted: readonly string[]): Readonly<Metrics> {
    const { constrained } = this.purpose;
    const checked = checkMetrics(name, metrics, wanted);
    if (constrained.length > 0) checkMetrics(name, checked, constrained, 'the constrained metric');
    return checked;
  }

  private endScreened(trial: Trial, metrics: Readonly<Metrics>, fidelity: CheckedFidelity): Trial {
    const [objective] = this.objectives as readonly [Objective];
    const measured = screeningMetrics(metrics, fidelity, objective.metric, this.known.constraints);
    const done = this.complete(trial, measured);
    // What breaks a constraint is not to be trained in full.
    if (done.broken === undefined) {
      const value = metrics[fidelity.metric]!;
      this.books.history.screened!.tell(trial.id, objective.goal === 'maximize' ? value : -value);
    }
    return done;
  }

  /** Ends a trial with what was measured, and what was known where that says nothing else. */
  private complete(trial: Trial, measured: Readonly<Metrics>): Trial {
    // No spread: V8 keeps what is spread from two as a hash table.
    const metrics = trial.known === undefined ? measured : Object.freeze(Object.assign({}, trial.known, measured));
    const broken = this.known.brokenBy(metrics);
    this.books.trust.measured(trial, measured);
    return this.finish(trial, { state: 'complete', metrics, ...(broken === undefined ? {} : { broken }) });
  }

  private finish(trial: Trial, outcome: Outcome): Trial {
    const done = this.books.trials.finish(trial, outcome);
    if (done.fidelity === undefined) this.books.trust.finished(done);
    return done;
  }
}
