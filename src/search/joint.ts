import type { MethodState, Observations } from '../baselines/method.js';
import { throwIfAborted } from '../errors.js';
import type { Aim } from '../metric/aim.js';
import { undominated } from '../metric/dominance.js';
import type { KernelShape, NativePool, ScanPlan } from '../native.js';
import type { Ensemble } from '../proxy/ensemble.js';
import { standardise, type LabelTransform } from '../proxy/labels.js';
import { scoreParts, type WorkContext } from '../proxy/slices.js';
import { geneCount } from '../space/genes.js';
import type { SearchSpace } from '../space/types.js';
import { expectation, type Expectation } from './diagnostics.js';
import type { EvidencePlan } from './evidence.js';
import { Learner } from './learner.js';
import { Limits } from './limits.js';
import type { MixturePlan } from './mixture.js';
import { pickInTurn } from './picking.js';
import { promises, type Belief } from './promise.js';
import type { ProcessState } from './process.js';
import { feasibleFirst, frontOf } from './standing.js';
import type { Picked, Stream, Surrogate } from './surrogate.js';

/**
 * Softness of the labels (see `logGap`): more than where the best alone counts, so that all of a front is told apart
 * (docs/method.md has the figures).
 */
const LABELS = { logGap: 1 };

/** How far behind the worst of the reference architectures, in parts of their range, the worst of all may be. */
const MARGIN = 0.1;

/** More than any label, and a float. */
const MOST = 1e30;

/** What is known before a query of the objectives that are, turned so that larger is better. */
export interface Outlook {
  /** Columns (n) of genes (n, G), in the order of the objectives. */
  readonly known: (genes: Uint8Array) => Promise<readonly Float64Array[]>;
  /** The same of the architectures that stand for the space. */
  readonly reference: readonly Float64Array[];
}

interface State {
  readonly fits: number;
  readonly fitted: number;
  readonly processes: readonly ProcessState[];
}

/**
 * A Gaussian process for each number that only a query tells.  A candidate promises what it is expected to add to the hypervolume
 * that the front dominates (Emmerich et al. 2006), or of a single objective its upper confidence bound, times the probability that it
 * meets the constraints (Gardner et al. 2014).  All numbers are labels, known objectives first.
 */
export class Joint implements Surrogate {
  fits = 0;
  readonly correlation = 0;
  private readonly width: number;
  /** Places of the objectives in an answer. */
  private readonly order: readonly number[];
  private readonly knownLabels: readonly LabelTransform[];
  private readonly objectives: readonly Learner[];
  private readonly limits: Limits;
  /** Answers at the last fit. */
  private fitted = 0;
  /** Where the last fit began, while it is not committed. */
  private before: readonly KernelShape[] | undefined;
  /** Numbers of the feasible answers that no other dominates. */
  private front: Int32Array = new Int32Array();
  /** What they, and what was imagined since, measured. */
  private points: readonly (readonly number[])[] = [];
  private reference = new Float32Array();
  /** Of the pool's first candidates what is known, and their scores. */
  private rows: (readonly number[])[] = [];
  private scores = new Float32Array();

  /** Owns the ensemble, which learns nothing.  `reference` (m, G), m >= 1: architectures that stand for the space. */
  constructor(
    space: SearchSpace,
    readonly ensemble: Ensemble,
    private readonly seed: number,
    private readonly plan: EvidencePlan & { readonly mixture: MixturePlan },
    reference: Uint8Array,
    private readonly aim: Aim,
    private readonly outlook: Outlook,
  ) {
    const { views } = plan.mixture;
    const labels = plan.labels === 'standard' || aim.objectives.length === 1 ? plan.labels : LABELS;
    const places = [...aim.objectives.keys()];
    const learnt = places.filter((k) => !aim.objectives[k]!.known);
    this.width = geneCount(space.program);
    this.order = [...places.filter((k) => aim.objectives[k]!.known), ...learnt];
    this.knownLabels = outlook.reference.map((column) => standardise([...column]));
    this.objectives = learnt.map((k) => new Learner(space, reference, views, ({ values }) => values[k]!, labels));
    this.limits = new Limits(space, reference, views, aim.costly);
  }

  async fit(history: Observations, pending: Uint8Array, context: WorkContext): Promise<boolean> {
    if (history.length !== this.fitted) await this.learn(history, context);
    const labels = [...this.knownLabels, ...this.objectives.map(({ label }) => label)];
    const point = (id: number): number[] =>
      labels.map((label, i) => bounded(label.target(history.answer(id)!.values[this.order[i]!]!)));
    this.front = frontOf(history);
    this.points = Array.from(this.front, point);
    this.reference = Float32Array.from(labels, (label, i) => this.referenceOf(label, i));
    this.rows = [];
    this.scores = new Float32Array();
    // The last call may have left what it imagined.
    for (const { process } of this.learners) await process.recall();
    if (pending.length > 0) {
      const rows = await this.known(pending);
      await this.imagine(pending, this.believe(pending, rows), rows.length);
    }
    return false;
  }

  async score(pool: NativePool, round: number, context: WorkContext): Promise<void> {
    const genes = pool.candidates();
    const first = this.rows.length;
    const fresh = genes.slice(first * this.width);
    this.rows.push(...(await this.known(fresh)));
    await this.rate(pool, genes, first, round, context);
  }

  /** Spaces that are looked at whole are small: all are candidates. */
  scan(pool: NativePool, { count, seed, round }: ScanPlan): Promise<void> {
    pool.addUniform(count, seed, round);
    return Promise.resolve();
  }

  /**
   * Of a long front some all along it, others each time; of one objective the best; of what is out of bounds, where that is
   * all, what is so by least.
   */
  centres(history: Observations, most: number): Int32Array {
    const { front } = this;
    if (this.aim.costly.length > 0 && (front.length === 0 || this.order.length === 1))
      return feasibleFirst(history, this.limits).subarray(0, most);
    const count = Math.min(most, front.length);
    const place = (i: number): number => Math.floor((i * front.length + history.length) / count) % front.length;
    return Int32Array.from({ length: count }, (_, i) => front[place(i)]!);
  }

  pick(pool: NativePool, count: number, stream: Stream, context: WorkContext): Promise<Picked> {
    return pickInTurn(pool, count, stream, {
      predict: (genes, _turn, places) =>
        this.believe(
          genes,
          places.map((place) => this.rows[place]!),
        ),
      expected: (belief, n) => Array.from({ length: n }, (_, i) => this.expected(belief, i)),
      imagine: async (genes, belief, n, turn) => {
        await this.imagine(genes, belief, n);
        await this.rate(pool, pool.candidates(), 0, turn, context);
      },
    });
  }

  commit(): void {
    this.before = undefined;
  }

  snapshot(): MethodState {
    const { fits, fitted } = this;
    return { fits, fitted, processes: this.learners.map(({ process }) => process.snapshot()) } satisfies State;
  }

  restore(state: MethodState): void {
    const { fits, fitted, processes } = state as unknown as State;
    this.fits = fits;
    this.fitted = fitted;
    this.learners.forEach(({ process }, k) => process.restore(processes[k]!));
  }

  close(): void {
    this.ensemble.close();
    for (const { process } of this.learners) process.close();
  }

  private get learners(): readonly Learner[] {
    return [...this.objectives, ...this.limits.learners];
  }

  private async learn(history: Observations, { signal, onProgress }: WorkContext): Promise<void> {
    // A fit that was never used, as the call that it was for was aborted, is taken back.
    if (this.before !== undefined) this.putBack(this.before);
    const { learners } = this;
    const before = learners.map(({ process }) => process.shape);
    const stream = { seed: this.seed, round: this.fits + 1 };
    try {
      for (const [i, learner] of learners.entries()) {
        await learner.learn(history, this.plan, stream);
        throwIfAborted('fit', signal);
        onProgress?.((i + 1) / learners.length);
      }
    } catch (error) {
      this.putBack(before);
      throw error;
    }
    this.before = before;
    this.fits += 1;
    this.fitted = history.length;
  }

  private putBack(shapes: readonly KernelShape[]): void {
    this.learners.forEach(({ process }, i) => (process.shape = shapes[i]!));
    if (this.before !== undefined) this.fits -= 1;
    this.before = undefined;
    this.fitted = 0;
  }

  /** From where on what is gained counts. */
  private referenceOf(label: LabelTransform, objective: number): number {
    const given = this.aim.objectives[this.order[objective]!]!.reference;
    if (given !== undefined) return bounded(label.target(given));
    const known = objective < this.knownLabels.length;
    const { targets } = known ? label : this.objectives[objective - this.knownLabels.length]!.process.learnt!;
    const worst = targets.reduce((a, b) => Math.min(a, b));
    return known ? worst - MARGIN * (targets.reduce((a, b) => Math.max(a, b)) - worst || 1) : worst;
  }

  /** Labels (n, known objectives) of what is known of genes (n, G). */
  private async known(genes: Uint8Array): Promise<number[][]> {
    const columns = await this.outlook.known(genes);
    return Array.from({ length: genes.length / this.width }, (_, i) =>
      columns.map((column, k) => bounded(this.knownLabels[k]!.target(column[i]!))),
    );
  }

  /** Of genes (n, G), of which this is known. */
  private believe(genes: Uint8Array, rows: readonly (readonly number[])[]): Belief {
    const n = rows.length;
    const known = this.knownLabels.length;
    const objectives = this.order.length;
    const means = new Float32Array(n * objectives);
    const deviations = new Float32Array(n * objectives);
    rows.forEach((row, i) => means.set(row, i * objectives));
    this.objectives.forEach(({ process }, k) => {
      const both = process.predict(genes);
      for (let i = 0; i < n; ++i) {
        means[i * objectives + known + k] = both[i]!;
        deviations[i * objectives + known + k] = both[n + i]!;
      }
    });
    return { means, deviations, costly: this.limits.believe(genes) };
  }

  /** What is expected of a single objective, in its own unit. */
  private expected({ means, deviations }: Belief, i: number): Expectation | undefined {
    const [learner, ...others] = this.objectives;
    if (this.order.length > 1 || others.length > 0) return undefined;
    return expectation(learner!.label, means[i]!, Math.hypot(deviations[i]!, learner!.process.belief.noise));
  }

  /** Gives the pool's candidates (n, G) their scores, those before `first` as they are. */
  private async rate(
    pool: NativePool,
    genes: Uint8Array,
    first: number,
    turn: number,
    context: WorkContext,
  ): Promise<void> {
    const { width, rows, reference, limits } = this;
    const { betas } = this.plan.mixture;
    const standing = { front: Float32Array.from(this.points.flat()), reference, limits };
    const beta = betas[turn % betas.length]!;
    const scores = new Float32Array(rows.length);
    scores.set(this.scores.subarray(0, first));
    const part = (from: number, to: number): void =>
      scores.set(
        promises(this.believe(genes.slice(from * width, to * width), rows.slice(from, to)), standing, beta),
        from,
      );
    await scoreParts(rows.length - first, (from, to) => part(first + from, first + to), context);
    this.scores = scores;
    pool.setScores(scores);
  }

  /** Learns the first `count` of genes (n, G) as if they had come out so. */
  private async imagine(genes: Uint8Array, { means, costly }: Belief, count: number): Promise<void> {
    const { width, order, objectives } = this;
    const known = order.length - objectives.length;
    const rows = Array.from({ length: count }, (_, i) => [...means.subarray(i * order.length, (i + 1) * order.length)]);
    const some = genes.slice(0, count * width);
    for (const [k, { process }] of objectives.entries())
      await process.imagine(
        some,
        Float32Array.from(rows, (row) => row[known + k]!),
      );
    await this.limits.imagine(some, costly, count);
    const feasible = rows.filter((_, i) => this.limits.holds(costly, i));
    this.points = undominated([...this.points, ...feasible]);
  }
}

function bounded(label: number): number {
  return Math.max(-MOST, Math.min(MOST, label));
}
