import { History } from '../baselines/history.js';
import type { Diagnostics, Proposal } from '../baselines/method.js';
import { OptiProxyError } from '../errors.js';
import { version } from '../metadata.js';
import type { NamedMethod } from '../search/methods.js';
import { keysOf } from '../space/keys.js';
import type { SearchSpace } from '../space/types.js';
import { storageError } from '../store/sqlite.js';
import { StudyStore, type Asked, type Definition, type Ending } from '../store/store.js';
import { Answers } from './answers.js';
import type { CheckedFidelity } from './fidelity.js';
import { Front } from './front.js';
import type { CheckedOptions } from './options.js';
import { Trials } from './trials.js';
import { Rounds } from './trust/rounds.js';
import type { Metrics, Trial } from './types.js';

/** All that a study was asked and told, in memory and, where it has one, in its file. */
export class Ledger {
  readonly trials: Trials;
  readonly history: History;
  readonly trust: Rounds;
  readonly front: Front;
  /** What is to be asked for next, whatever the method would choose. */
  readonly queue: Uint8Array[] = [];
  /** How trials are to end whose turn it is not yet. */
  readonly held = new Map<number, Ending>();
  private readonly answers: Answers;
  /** Whether the method says what it expects of the objective. */
  private readonly expects: boolean;
  private store: StudyStore | undefined;
  private closed = false;

  constructor(
    private readonly space: SearchSpace,
    private readonly named: NamedMethod,
    { objectives, known, purpose }: CheckedOptions,
    fidelity: CheckedFidelity | undefined,
  ) {
    const objective = objectives[0]!;
    this.expects = purpose.expects(named);
    this.history = new History(space, fidelity && new History(space));
    this.trials = new Trials(fidelity, objective, this.expects);
    this.trust = new Rounds(this.trials.all, objective);
    this.front = new Front(objectives);
    this.answers = new Answers(this, objectives, known, purpose, fidelity);
  }

  /**
   * Opens the file of the study, or makes it, and enters what is in it: the method goes on from where it was when the last
   * call returned.  Throws `STORAGE_FAILED`, `STUDY_MISMATCH`, `RUNTIME_MISSING`.
   */
  async resume(file: string, definition: Definition): Promise<void> {
    const store = StudyStore.open(file, definition, version);
    this.store = store;
    try {
      await this.reenter(store);
    } catch (cause) {
      throw cause instanceof OptiProxyError && cause.code === 'STORAGE_FAILED' ? cause : damaged(file, cause);
    }
  }

  /** What the method proposed last, as running trials: the file has them first. */
  asked(proposals: readonly Proposal[]): Trial[] {
    this.checkOpen();
    const { method } = this.named;
    const { diagnostics } = method;
    const asked = proposals.map((proposal) => ({ architecture: this.space.format(proposal.genes), proposal }));
    this.store?.asked(this.trials.all.length + 1, asked, diagnostics, method.snapshot());
    return this.enter(asked, diagnostics);
  }

  /** What is to be asked for next, after what is already. */
  enqueue(genes: readonly Uint8Array[]): void {
    this.checkOpen();
    this.store?.enqueued(genes);
    this.queue.push(...genes);
  }

  checkOpen(): void {
    if (this.closed) throw new OptiProxyError('CLOSED', { what: 'study', expected: 'an open one', given: 'a closed one' }); // prettier-ignore
  }

  /** Ends a running trial.  Throws what `Answers.checked` throws, and `STORAGE_FAILED`, the trial then being ended all the same. */
  end(id: number, ending: Ending): Trial {
    this.checkOpen();
    const checked = this.answers.checked(id, ending);
    this.held.delete(id);
    const trial = this.answers.end(id, checked);
    this.store?.ended(id, checked);
    return trial;
  }

  /** Throws where a running trial cannot end so. */
  check(id: number, ending: Ending): void {
    this.answers.checked(id, ending);
  }

  /** Throws `INVALID_METRICS` where these cannot be told of an architecture. */
  checkAnswer(architecture: string, metrics: Metrics, known: Trial['known']): void {
    this.answers.checkMeasured(architecture, metrics, known);
  }

  /** What was measured of these before they were asked for here, in their order; all of it is in the file, or nothing. */
  measured(proposals: readonly Proposal[], metrics: readonly Metrics[]): void {
    const enter = (): void => {
      const trials = this.asked(proposals);
      trials.forEach(({ id }, i) => this.end(id, { state: 'complete', metrics: metrics[i]! }));
    };
    if (this.store === undefined) enter();
    else this.store.together(enter);
  }

  /** Keeps how a running trial is to end, once those that were asked before it have; the file has it at once. */
  hold(id: number, ending: Ending): void {
    this.checkOpen();
    const checked = this.answers.checked(id, ending);
    this.held.set(id, checked);
    this.store?.held(id, checked);
  }

  /** A training begins. */
  started(id: number): void {
    this.store?.started(id);
  }

  /** A point of a learning curve. */
  reported(id: number, step: number, metrics: Metrics): void {
    this.store?.reported(id, step, metrics);
  }

  /** What a training wrote. */
  logged(id: number, text: string): void {
    this.store?.logged(id, text);
  }

  /** Throws unless all that is known here is in the file. */
  checkKept(): void {
    this.store?.check();
  }

  close(): void {
    this.closed = true;
    const { store } = this;
    this.store = undefined;
    store?.close();
  }

  private async reenter(store: StudyStore): Promise<void> {
    for (const event of store.events()) {
      if (event.kind === 'asked') this.enter(event.asked.map(this.sound), event.diagnostics);
      else if (event.kind === 'enqueued') {
        event.genes.forEach((genes) => this.space.format(genes)); // throws for what are none
        this.queue.push(...event.genes);
      } else {
        const ending = this.answers.checked(event.trial, event.ending);
        if (event.kind === 'held') this.held.set(event.trial, ending);
        else {
          this.held.delete(event.trial);
          this.answers.end(event.trial, ending);
        }
      }
    }
    const state = store.state();
    const all = Int32Array.from({ length: this.history.asked }, (_, i) => i + 1);
    if (state !== undefined) await this.named.method.restore(state, this.history.genesOf(all));
  }

  /** What is asked for, whoever chose it, waits no longer. */
  private dequeue(genes: readonly Uint8Array[]): void {
    const asked = new Set(keysOf(this.space, genes));
    const keys = keysOf(this.space, this.queue);
    const left = this.queue.filter((_, i) => !asked.has(keys[i]!));
    this.queue.splice(0, this.queue.length, ...left);
  }

  /** Throws unless what a file says was asked is written as its genes are. */
  private readonly sound = (asked: Asked): Asked => {
    const expected = this.space.format(asked.proposal.genes);
    if (asked.architecture === expected) return asked;
    throw new OptiProxyError('INVALID_ARCHITECTURE', { what: 'trial', expected, given: asked.architecture });
  };

  private enter(asked: readonly Asked[], diagnostics: Diagnostics | undefined): Trial[] {
    const { trials, history } = this;
    const entered = asked.map(({ architecture, proposal }) => trials.asked(history.add(proposal.genes), architecture, proposal)); // prettier-ignore
    if (this.queue.length > 0) this.dequeue(asked.map(({ proposal }) => proposal.genes));
    if (diagnostics !== undefined && this.expects) this.trust.asked(entered, diagnostics);
    return entered;
  }
}

/** Of a file that SQLite can read, but that no study wrote like this. */
function damaged(file: string, cause: unknown): OptiProxyError {
  const { code, message } = cause as { code?: string; message: string };
  if (code?.startsWith('SQLITE_')) return storageError(file, cause);
  return new OptiProxyError('STORAGE_FAILED', {
    what: `storage ${file}`,
    expected: 'what a study wrote',
    given: message,
    hint: 'the file is damaged: put a copy in its place',
    cause,
  });
}
