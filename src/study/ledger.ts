import { History } from '../baselines/history.js';
import type { Diagnostics, Proposal } from '../baselines/method.js';
import { OptiProxyError } from '../errors.js';
import { version } from '../metadata.js';
import type { NamedMethod } from '../search/methods.js';
import type { SearchSpace } from '../space/types.js';
import { storageError } from '../store/sqlite.js';
import { StudyStore, type Asked, type Definition } from '../store/store.js';
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
  private readonly answers: Answers;
  /** Whether the method says what it expects of the objective. */
  private readonly expects: boolean;
  private store: StudyStore | undefined;

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
      throw cause instanceof OptiProxyError ? cause : storageError(file, cause);
    }
  }

  /** What the method proposed last, as running trials: the file has them first. */
  asked(proposals: readonly Proposal[]): Trial[] {
    const { method } = this.named;
    const { diagnostics } = method;
    const asked = proposals.map((proposal) => ({ architecture: this.space.format(proposal.genes), proposal }));
    this.store?.asked(this.trials.all.length + 1, asked, diagnostics, method.snapshot());
    return this.enter(asked, diagnostics);
  }

  /** See `Study.tell`. */
  tell(id: number, metrics: Metrics): Trial {
    if (this.store === undefined) return this.answers.tell(id, metrics);
    // A getter must not tell the file something else.
    const object = typeof metrics === 'object' && metrics !== null && !Array.isArray(metrics);
    const copy = object ? { ...metrics } : metrics;
    const trial = this.answers.tell(id, copy);
    this.store.told(id, copy);
    return trial;
  }

  /** See `Study.fail`. */
  fail(id: number, reason: string): Trial {
    const trial = this.answers.fail(id, reason);
    this.store?.failed(id, reason);
    return trial;
  }

  /** Throws unless all that is known here is in the file. */
  check(): void {
    this.store?.check();
  }

  close(): void {
    this.store?.close();
    this.store = undefined;
  }

  private async reenter(store: StudyStore): Promise<void> {
    for (const event of store.events()) {
      if (event.kind === 'asked') this.enter(event.asked, event.diagnostics);
      else if (event.kind === 'told') this.answers.tell(event.trial, event.metrics);
      else this.answers.fail(event.trial, event.reason);
    }
    const state = store.state();
    const all = Int32Array.from({ length: this.history.asked }, (_, i) => i + 1);
    if (state !== undefined) await this.named.method.restore(state, this.history.genesOf(all));
  }

  private enter(asked: readonly Asked[], diagnostics: Diagnostics | undefined): Trial[] {
    const { trials, history } = this;
    const entered = asked.map(({ architecture, proposal }) => trials.asked(history.add(proposal.genes), architecture, proposal)); // prettier-ignore
    if (diagnostics !== undefined && this.expects) this.trust.asked(entered, diagnostics);
    return entered;
  }
}
