import type { History } from '../baselines/history.js';
import { OptiProxyError } from '../errors.js';
import type { KnownMetrics } from '../metric/known.js';
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

  /** See `Study.tell`. */
  tell(id: number, metrics: Metrics): Trial {
    const { trials, history, front } = this.books;
    const trial = trials.running(id);
    if (trial.fidelity !== undefined) return this.tellScreened(trial, metrics, this.fidelity!);
    const wanted = this.objectives.map(({ metric }) => metric).filter((name) => trial.known?.[name] === undefined);
    const checked = checkMetrics(nameOf(trial), metrics, wanted);
    const done = this.complete(
      trial,
      checkMetrics(nameOf(trial), checked, this.purpose.constrained, 'the constrained metric'),
    );
    if (done.broken === undefined) front.offer(done);
    this.purpose.tell(history, done);
    return done;
  }

  /** See `Study.fail`. */
  fail(id: number, reason: string): Trial {
    const trial = this.books.trials.running(id);
    if (typeof reason !== 'string')
      throw new OptiProxyError('INVALID_ARGUMENT', { what: 'reason', expected: 'a text', given: reason });
    return this.finish(trial, { state: 'failed', error: reason });
  }

  private tellScreened(trial: Trial, metrics: Metrics, fidelity: CheckedFidelity): Trial {
    const { metric } = fidelity;
    const [objective] = this.objectives as readonly [Objective];
    const checked = checkMetrics(nameOf(trial), metrics, [metric], "the fidelity's metric");
    const measured = screeningMetrics(checked, fidelity, objective.metric, this.known.constraints);
    const done = this.complete(trial, measured);
    // What breaks a constraint is not to be trained in full.
    if (done.broken === undefined) {
      const value = checked[metric]!;
      this.books.history.screened!.tell(trial.id, objective.goal === 'maximize' ? value : -value);
    }
    return done;
  }

  /** Ends a trial with what was measured, and what was known where that says nothing else. */
  private complete(trial: Trial, measured: Metrics): Trial {
    const metrics = trial.known === undefined ? measured : Object.freeze({ ...trial.known, ...measured });
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
