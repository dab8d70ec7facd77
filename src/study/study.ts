import { deriveSeed, SeedLane } from '../random.js';
import type { NamedMethod } from '../search/methods.js';
import type { SearchSpace } from '../space/types.js';
import { busy, checkStudyOptions, type CheckedOptions } from './options.js';
import { checkFidelity, type CheckedFidelity } from './fidelity.js';
import type { Constraint } from '../metric/constraint.js';
import type { KnownMetrics } from '../metric/known.js';
import type { Units } from '../metric/units.js';
import { hypervolume } from './front.js';
import type { ProxyModel } from '../latency/proxy.js';
import { methodOf } from './method.js';
import { exportsAfter, proxyModelOf } from './proxy.js';
import { Asker, type MeasuredElsewhere } from './asker.js';
import { Commits } from './commits.js';
import { runStudy } from './run.js';
import type { Purpose } from './purpose.js';
import { definitionOf } from './definition.js';
import { Ledger } from './ledger.js';
import { timingsOf, traceOf } from './trace.js';
import type {
  AskOptions,
  Metrics,
  Objective,
  Round,
  RunOptions,
  RunResult,
  StudyOptions,
  Timings,
  TraceEntry,
  Trial,
  Warning,
} from './types.js';

/**
 * A search: it proposes architectures (`ask`) and learns from what they measured (`tell`), any number, in any order.  The
 * same seed and the same answers give the same questions, at any thread count.
 * @example
 * const study = await Study.open({ space: spaces.digits201(), objectives: [{ metric: 'val_acc', goal: 'maximize' }] });
 * const [trial] = await study.ask();
 * await study.tell(trial.id, { val_acc: 91.2 });
 */
export class Study {
  readonly space: SearchSpace;
  readonly objectives: readonly Objective[];
  readonly objective: Objective; // the first of them
  readonly seed: number;
  /** The cheaper training that it screens by, if there is one. */
  readonly fidelity: CheckedFidelity | undefined;
  private readonly known: KnownMetrics;
  private readonly purpose: Purpose;
  private readonly named: NamedMethod;
  private readonly batch: number | undefined;
  private readonly threads: number;
  private readonly ledger: Ledger;
  private readonly commits: Commits;
  private readonly asker: Asker;
  private readonly opened = performance.now();
  private runs = false;
  private oracleMs = 0;

  private constructor(options: StudyOptions, checked: CheckedOptions) {
    this.space = options.space;
    [this.objectives, this.seed] = [checked.objectives, checked.seed];
    this.objective = this.objectives[0]!;
    this.fidelity = checkFidelity(options.fidelity, this.objective.metric);
    [this.known, this.purpose] = [checked.known, checked.purpose];
    this.named = methodOf(options, checked, this.fidelity);
    this.ledger = new Ledger(options.space, this.named, checked, this.fidelity);
    this.commits = new Commits(this.ledger);
    this.asker = new Asker(options.space, checked, this.named, this.ledger);
    [this.batch, this.threads] = [options.batch, checked.threads];
  }

  /** Throws `INVALID_ARGUMENT` or `UNKNOWN_NAME` for a bad option, `ADDON_MISSING` without the native addon. */
  static async open(options: StudyOptions): Promise<Study> {
    const checked = checkStudyOptions(options);
    const study = new Study(options, checked);
    try {
      if (options.storage !== undefined)
        await study.ledger.resume(options.storage, definitionOf(options, checked, study.named, study.fidelity));
      study.commits.resume();
      return study;
    } catch (error) {
      study.close();
      throw error;
    }
  }

  /** What an architecture must meet to be the best, and by what is known of it to be asked. */
  get constraints(): readonly Constraint[] {
    return this.known.constraints;
  }

  /** Units of metrics, where they are known. */
  get units(): Units {
    return this.known.units;
  }

  get method(): string {
    return this.named.name;
  }

  get preset(): string {
    return this.named.preset;
  }

  /** The network that the method learns with; `none` for methods without a proxy. */
  get proxy(): string {
    return this.named.proxy;
  }

  /** The instruction set that its kernels run on; likewise. */
  get isa(): string {
    return this.named.method.isa;
  }

  /** Why the last ask gave fewer architectures than it was asked for; undefined if it did not. */
  get shortfall(): string | undefined {
    return this.named.method.shortfall;
  }

  /** Every trial ever asked, in that order. */
  get trials(): readonly Trial[] {
    return this.ledger.trials.all;
  }

  /** How each ask that a proxy chose for was found and, once its trials are finished, how well it did. */
  get rounds(): readonly Round[] {
    return this.ledger.trust.all;
  }

  /** Signs of a search that goes wrong, in the order seen. */
  get warnings(): readonly Warning[] {
    return this.ledger.trust.warnings;
  }

  /** Finished queries: complete, infeasible or failed. */
  get queries(): number {
    return this.ledger.trials.queries;
  }

  /** Finished screenings, likewise. */
  get screened(): number {
    return this.ledger.trials.screened;
  }

  /** What was finished, in full trainings: queries, and screenings as the parts of one that they are. */
  get spent(): number {
    return this.ledger.trials.spent;
  }

  /** The same in epochs; without a fidelity a training counts as one. */
  get epochs(): number {
    return this.ledger.trials.epochs;
  }

  /** The best complete trial that is feasible, by the first objective; the earliest told of equals. */
  get best(): Trial | undefined {
    return this.ledger.front.best;
  }

  /** The Pareto front of what is complete and feasible, in the order told: with a single objective, the best alone. */
  get front(): readonly Trial[] {
    return this.ledger.front.trials;
  }

  /** What the front dominates of a point, in the product of the objectives' units. Throws `INVALID_ARGUMENT`. */
  hypervolume(reference: Readonly<Metrics>): number {
    return hypervolume(this.front.map(({ metrics }) => metrics!), this.objectives, reference); // prettier-ignore
  }

  get timings(): Timings {
    return timingsOf(this.named.method.times, this.oracleMs, performance.now() - this.opened);
  }

  /**
   * How many architectures `run` asks for next: the first samples at once, then the `batch` that was given, or else the
   * method's, but no fewer than are to be in flight.
   */
  nextBatch(concurrency = 1): number {
    const first = this.named.init - this.trials.length;
    return first > 0 ? first : (this.batch ?? Math.max(this.named.batch, concurrency));
  }

  /**
   * Up to `count` architectures that were never asked before, as running trials; fewer, or none, only if no
   * more are found (`shortfall` says why).  With a fidelity some may be screenings (`Trial.fidelity`), last, and what was
   * screened may be asked once more, in full; and there are fewer where `left` pays for no more.  Rejects with `BUSY` while
   * another ask runs and with `ABORTED` if the signal fires, within about 10 ms; nothing is asked then.
   */
  async ask(count = 1, options: AskOptions = {}): Promise<Trial[]> {
    this.ledger.checkOpen();
    return this.asker.ask(count, options);
  }

  /**
   * Asks for these before anything else, in this order: an ask gives them alone while there are some.  Those that were asked for
   * (and neither failed nor were aborted) or wait are left out; resolves to how many are not.  They are first samples.  Rejects with
   * `INVALID_ARCHITECTURE`, and `INVALID_ARGUMENT` for one that may not be queried.
   */
  async enqueue(architectures: readonly string[]): Promise<number> {
    this.ledger.checkOpen();
    return this.asker.enqueue(architectures);
  }

  /**
   * Takes over what was measured elsewhere, as by another study of the task: each is a finished query.  Those that were asked for
   * already are left out; resolves to how many are not.  Rejects with `INVALID_ARCHITECTURE`, `INVALID_METRICS`, `BUSY`.
   */
  async warmStart(measured: readonly MeasuredElsewhere[]): Promise<number> {
    this.ledger.checkOpen();
    if (this.runs) throw busy('warmStart', 'await the run first');
    return this.asker.warmStart(measured);
  }

  /**
   * What a running trial measured.  Rejects with `UNKNOWN_TRIAL`, `TRIAL_FINISHED` or `INVALID_METRICS`; the trial then
   * stays as it was and can still be told.
   */
  async tell(id: number, metrics: Metrics): Promise<Trial> {
    return this.ledger.end(id, { state: 'complete', metrics });
  }

  /** Gives a running trial up, saying why: it counts as a query, or as a screening, and is never asked again. */
  async fail(id: number, reason: string): Promise<Trial> {
    return this.ledger.end(id, { state: 'failed', reason });
  }

  /** Likewise where the architecture cannot be trained at all. */
  async infeasible(id: number, reason: string): Promise<Trial> {
    return this.ledger.end(id, { state: 'infeasible', reason });
  }

  /** Gives a running trial up that nobody queries: it is no query, and is never asked again. */
  async abort(id: number, reason = 'given up'): Promise<Trial> {
    return this.ledger.end(id, { state: 'aborted', reason });
  }

  /**
   * Asks, queries and tells until the study has `queries` finished queries or the space is exhausted.  A batch is asked when
   * the one before is done, and answers count in the order asked, so the order in which they arrive changes nothing, nor
   * does `concurrency` where `batch` was given; with `async` neither holds.  A query that fails is tried again `retries` times;
   * after `failures` failed trials in a row the run rejects, with `ORACLE_FAILED` or `INVALID_METRICS`.  Also `BUSY` while
   * another runs, `ABORTED`.  Nothing answered is lost, and another run goes on from there.
   */
  async run(options: RunOptions): Promise<RunResult> {
    this.ledger.checkOpen();
    if (this.runs) throw busy('run', 'await the first');
    this.runs = true;
    try {
      return await runStudy(this, this.commits, options, (ms) => (this.oracleMs += ms));
    } finally {
      this.runs = false;
    }
  }

  /** Queries that `proxyModel` needs, in a search that is not stopped; undefined where it never resolves. */
  get exportsAfter(): number | undefined {
    return exportsAfter(this.named, this.purpose.expects(this.named));
  }

  /**
   * The networks that predict the objective, as they were last fitted, as an ONNX model like those of `fitLatency`: outputs are
   * the metric and `deviation`, their disagreement.  Rejects with `INVALID_ARGUMENT` where none were fitted, or no such; `BUSY`.
   */
  async proxyModel(): Promise<ProxyModel> {
    this.ledger.checkOpen();
    this.asker.checkIdle('proxyModel');
    return proxyModelOf(this.named, this.purpose.expects(this.named), {
      space: this.space,
      objective: this.objective,
      unit: this.units[this.objective.metric],
      seed: this.seed,
      threads: this.threads,
      queries: this.queries,
    });
  }

  /** Finished queries in the order told, with the best so far. */
  trace(): TraceEntry[] {
    return traceOf(this.ledger.trials.told, this.objective, this.fidelity);
  }

  /** Seed for the query of a trial: a function of the study's seed and the trial's id. */
  seedOf(id: number): number {
    return deriveSeed(this.seed, SeedLane.Oracle, id);
  }

  /**
   * Frees native memory and the file.  Results stay readable; ask, tell and run reject with `CLOSED`.  Throws `STORAGE_FAILED` if
   * the file still lacks an answer that could not be written when it was told.
   */
  close(): void {
    try {
      this.ledger.close();
    } finally {
      this.named.method.close();
    }
  }
}
