import type { Proposal } from '../baselines/method.js';
import { OptiProxyError } from '../errors.js';
import { costOf } from './fidelity.js';
import type { Fidelity, Objective, Trial } from './types.js';

/** How a trial ended. */
export type Outcome = Pick<Trial, 'state' | 'metrics' | 'broken' | 'error'>;

/** Every trial of a study: those asked, in that order, and those finished, in the order told. */
export class Trials {
  readonly all: Trial[] = [];
  readonly told: Trial[] = [];
  /** Finished screenings. */
  screened = 0;

  private readonly sign: 1 | -1;

  constructor(
    private readonly fidelity: Fidelity | undefined,
    objective: Objective,
    /** Whether what a method expects is the objective. */
    private readonly expects: boolean,
  ) {
    this.sign = objective.goal === 'maximize' ? 1 : -1;
  }

  /** Finished queries. */
  get queries(): number {
    return this.told.length - this.screened;
  }

  /** Epochs of what was finished; without a fidelity a training counts as one. */
  get epochs(): number {
    const { epochs, fullEpochs } = this.fidelity ?? { epochs: 0, fullEpochs: 1 };
    return this.queries * fullEpochs + this.screened * epochs;
  }

  /** The same in full trainings. */
  get spent(): number {
    return this.epochs / (this.fidelity?.fullEpochs ?? 1);
  }

  /** A new running trial of a proposal. */
  asked(id: number, architecture: string, { round, cheap, known, ...expected }: Proposal): Trial {
    const { predicted, interval } = this.expects ? expected : {};
    const trial: Trial = Object.freeze({
      id,
      architecture,
      state: 'running',
      round,
      ...(known === undefined ? {} : { known }),
      ...(cheap === true ? { fidelity: costOf(this.fidelity!) } : {}),
      ...(predicted === undefined ? {} : { predicted: this.sign * predicted }),
      ...(interval === undefined ? {} : { interval: this.turned(interval) }),
    });
    this.all.push(trial);
    return trial;
  }

  /** An interval of the objective turned so that larger is better, in the objective's own unit. */
  private turned([low, high]: readonly [number, number]): readonly [number, number] {
    return this.sign === 1 ? [low, high] : [-high, -low];
  }

  /** Throws `UNKNOWN_TRIAL` or `TRIAL_FINISHED`. */
  running(id: number): Trial {
    const trial = typeof id === 'number' ? this.all[id - 1] : undefined;
    if (trial === undefined) {
      const last = this.all.length;
      throw new OptiProxyError('UNKNOWN_TRIAL', {
        what: 'trial',
        expected: last === 0 ? 'an id from ask' : `an id from 1 to ${last}`,
        given: id,
      });
    }
    if (trial.state !== 'running') {
      throw new OptiProxyError('TRIAL_FINISHED', {
        what: `trial ${id}`,
        expected: 'a running trial',
        given: `${/^[ai]/.test(trial.state) ? 'an' : 'a'} ${trial.state} one`,
      });
    }
    return trial;
  }

  /** Gives a trial up, which is no query. */
  abort(trial: Trial, reason: string): Trial {
    return (this.all[trial.id - 1] = Object.freeze({ ...trial, state: 'aborted', error: reason }));
  }

  finish(trial: Trial, outcome: Outcome): Trial {
    // One spread: V8 keeps what is spread from a spread and frozen as a hash table, three times the size.
    const done: Trial = Object.freeze({ ...trial, ...outcome, query: this.told.length + 1 });
    this.all[trial.id - 1] = done;
    this.told.push(done);
    if (done.fidelity !== undefined) this.screened += 1;
    return done;
  }
}

/** What messages call a trial. */
export function nameOf({ id, architecture }: Trial): string {
  return `trial ${id} (${architecture})`;
}
