import type { Observations } from '../baselines/method.js';
import { throwIfAborted } from '../errors.js';
import type { Aim } from '../metric/aim.js';
import { undominated } from '../metric/dominance.js';
import { native, type KernelShape, type NativePool, type ScanPlan } from '../native.js';
import type { Ensemble } from '../proxy/ensemble.js';
import { standardise, type LabelTransform } from '../proxy/labels.js';
import { scoreParts, type WorkContext } from '../proxy/slices.js';
import { geneCount } from '../space/genes.js';
import type { SearchSpace } from '../space/types.js';
import { evidenceOf, type EvidencePlan } from './evidence.js';
import { labelsOf, type LearnPlan } from './learn.js';
import type { MixturePlan } from './mixture.js';
import { pickInTurn } from './picking.js';
import { Process } from './process.js';
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

/** Means and deviations (n, O) of architectures, known objectives first; these have a deviation of 0. */
interface Belief {
  readonly means: Float32Array;
  readonly deviations: Float32Array;
}

/**
 * A Gaussian process for each objective that only a query tells, and the expected improvement of the hypervolume that the
 * front dominates (Emmerich et al. 2006).  All numbers are labels, known objectives first.
 */
export class Joint implements Surrogate {
  fits = 0;
  readonly correlation = 0;
  private readonly width: number;
  private readonly labels: LearnPlan['labels'];
  private readonly processes: readonly Process[];
  /** Places of the objectives in an answer. */
  private readonly order: readonly number[];
  private readonly knownLabels: readonly LabelTransform[];
  /** Answers at the last fit. */
  private fitted = 0;
  /** Where the last fit began, while it is not committed. */
  private before: readonly KernelShape[] | undefined;
  /** Numbers of the answers that no other dominates. */
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
    const places = [...aim.objectives.keys()];
    const learnt = places.filter((k) => !aim.objectives[k]!.known);
    this.order = [...places.filter((k) => aim.objectives[k]!.known), ...learnt];
    this.processes = learnt.map(() => new Process(space, reference, plan.mixture.views));
    this.labels = plan.labels === 'standard' ? 'standard' : LABELS;
    this.width = geneCount(space.program);
    this.knownLabels = outlook.reference.map((column) => standardise([...column]));
  }

  async fit(history: Observations, pending: Uint8Array, context: WorkContext): Promise<boolean> {
    if (history.length !== this.fitted) await this.learn(history, context);
    const labels = [...this.knownLabels, ...this.processes.map((process) => process.learnt!.labels!)];
    const point = (id: number): number[] =>
      labels.map((label, i) => bounded(label.target(history.answer(id)!.values[this.order[i]!]!)));
    this.front = frontOf(history);
    this.points = Array.from(this.front, point);
    this.reference = Float32Array.from(labels, (label, i) => this.referenceOf(label, i));
    this.rows = [];
    this.scores = new Float32Array();
    // The last call may have left what it imagined.
    for (const process of this.processes) await process.recall();
    if (pending.length > 0) {
      const rows = await this.known(pending);
      await this.imagine(pending, this.believe(pending, rows), rows.length);
    }
    return false;
  }

  async score(pool: NativePool, _round: number, context: WorkContext): Promise<void> {
    const genes = pool.candidates();
    const first = this.rows.length;
    const fresh = genes.slice(first * this.width);
    this.rows.push(...(await this.known(fresh)));
    await this.rate(pool, genes, first, context);
  }

  /** Spaces that are looked at whole are small: all are candidates. */
  scan(pool: NativePool, { count, seed, round }: ScanPlan): Promise<void> {
    pool.addUniform(count, seed, round);
    return Promise.resolve();
  }

  /** Of a long front some all along it, others each time. */
  centres(history: Observations, most: number): Int32Array {
    const { front } = this;
    const count = Math.min(most, front.length);
    const place = (i: number): number => Math.floor((i * front.length + history.length) / count) % front.length;
    return Int32Array.from({ length: count }, (_, i) => front[place(i)]!);
  }

  pick(pool: NativePool, count: number, stream: Stream, context: WorkContext): Promise<Picked> {
    return pickInTurn(pool, count, stream, {
      predict: (genes, _turn, places) => this.believe(genes, places.map((place) => this.rows[place]!)), // prettier-ignore
      expected: (_, n) => new Array<undefined>(n).fill(undefined),
      imagine: async (genes, belief, n) => {
        await this.imagine(genes, belief, n);
        await this.rate(pool, pool.candidates(), 0, context);
      },
    });
  }

  commit(): void {
    this.before = undefined;
  }

  close(): void {
    this.ensemble.close();
    for (const process of this.processes) process.close();
  }

  private async learn(history: Observations, { signal, onProgress }: WorkContext): Promise<void> {
    // A fit that was never used, as the call that it was for was aborted, is taken back.
    if (this.before !== undefined) this.restore(this.before);
    const before = this.processes.map(({ shape }) => shape);
    const stream = { seed: this.seed, round: this.fits + 1 };
    try {
      for (const [i, process] of this.processes.entries()) {
        const one = column(history, this.order[this.knownLabels.length + i]!);
        const { labels } = labelsOf(one, { ...this.plan, labels: this.labels }, stream);
        await process.learn(evidenceOf(one, labels, this.plan, stream));
        throwIfAborted('fit', signal);
        onProgress?.((i + 1) / this.processes.length);
      }
    } catch (error) {
      this.restore(before);
      throw error;
    }
    this.before = before;
    this.fits += 1;
    this.fitted = history.length;
  }

  private restore(shapes: readonly KernelShape[]): void {
    this.processes.forEach((process, i) => (process.shape = shapes[i]!));
    if (this.before !== undefined) this.fits -= 1;
    this.before = undefined;
    this.fitted = 0;
  }

  /** From where on what is gained counts. */
  private referenceOf(label: LabelTransform, objective: number): number {
    const given = this.aim.objectives[this.order[objective]!]!.reference;
    if (given !== undefined) return bounded(label.target(given));
    const known = objective < this.knownLabels.length;
    const targets = known ? label.targets : this.processes[objective - this.knownLabels.length]!.learnt!.targets;
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
    this.processes.forEach((process, k) => {
      const both = process.predict(genes);
      for (let i = 0; i < n; ++i) {
        means[i * objectives + known + k] = both[i]!;
        deviations[i * objectives + known + k] = both[n + i]!;
      }
    });
    return { means, deviations };
  }

  /** Gives the pool's candidates (n, G) their scores, those before `first` as they are. */
  private async rate(pool: NativePool, genes: Uint8Array, first: number, context: WorkContext): Promise<void> {
    const { width, rows } = this;
    const front = Float32Array.from(this.points.flat());
    const scores = new Float32Array(rows.length);
    scores.set(this.scores.subarray(0, first));
    const part = (from: number, to: number): void => {
      const { means, deviations } = this.believe(genes.slice(from * width, to * width), rows.slice(from, to));
      scores.set(native().logImprovement(front, this.reference, means, deviations), from);
    };
    await scoreParts(rows.length - first, (from, to) => part(first + from, first + to), context);
    this.scores = scores;
    pool.setScores(scores);
  }

  /** Learns the first `count` of genes (n, G) as if they had come out so. */
  private async imagine(genes: Uint8Array, { means }: Belief, count: number): Promise<void> {
    const { width, order, processes } = this;
    const [known, objectives] = [order.length - processes.length, order.length];
    const rows = Array.from({ length: count }, (_, i) => [...means.subarray(i * objectives, (i + 1) * objectives)]);
    for (const [k, process] of processes.entries())
      await process.imagine(
        genes.slice(0, count * width),
        Float32Array.from(rows, (row) => row[known + k]!),
      );
    this.points = undominated([...this.points, ...rows]);
  }
}

/** Numbers of the feasible answers that no other dominates. */
function frontOf(history: Observations): Int32Array {
  const feasible = history.inOrder().filter((id) => history.answer(id)!.feasible);
  const front = new Set(undominated(Array.from(feasible, (id) => history.answer(id)!.values)));
  return feasible.filter((id) => front.has(history.answer(id)!.values));
}

/** A history of one of the objectives, in the order of another. */
function column(history: Observations, objective: number): Observations {
  return {
    length: history.length,
    inOrder: () => history.inOrder(),
    byValue: () => history.byValue(),
    value: (id) => history.answer(id)!.values[objective]!,
    answer: (id) => history.answer(id),
    genesOf: (ids) => history.genesOf(ids),
  };
}

function bounded(label: number): number {
  return Math.max(-MOST, Math.min(MOST, label));
}
