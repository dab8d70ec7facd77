import { Candidates, type CandidateCounts } from '../baselines/candidates.js';
import type { Permitted } from '../baselines/permitted.js';
import type {
  Diagnostics,
  MethodState,
  Observations,
  Phase,
  PhaseTimes,
  Proposal,
  ProposeContext,
  SearchMethod,
} from '../baselines/method.js';
import type { Ensemble } from '../proxy/ensemble.js';
import { scorePool, type WorkContext } from '../proxy/slices.js';
import { labelsFrom, type LabelSource, type LabelTransform } from '../proxy/labels.js';
import { deriveSeed, Draws, SeedLane } from '../random.js';
import type { SearchSpace } from '../space/types.js';
import { CandidateNotes, expectation } from './diagnostics.js';
import { learn, type LearnPlan } from './learn.js';
import { runPhase } from './phases.js';
import type { Preset } from './preset.js';

/** Settings of BANANAS: the paper's for the search, and for the proxy those that suit a GCN of this size. */
export const bananasSettings: { batch: number; model: Preset['model']; learning: LearnPlan } = {
  batch: 10,
  model: { kind: 'gcn', members: 5, layers: 2, hidden: 48 },
  learning: {
    labels: 'standard',
    fit: {
      epochs: 100,
      batch: 20,
      lr: 3e-3,
      weightDecay: 0.01,
      schedule: { decay: 'cosine' },
      ranking: 0.2,
      margin: 0.1,
      dropout: 0,
    },
    maxFitSteps: 5000,
    maxFitSamples: 4096,
  },
};

/** Candidates of a round, and the best architectures so far that they are mutants of. */
const CANDIDATES = 100;
const INCUMBENTS = 10;

/** Rounds of one mutant an incumbent, and how many of them make the mutants one more change away. */
const MOST_ROUNDS = 120;
const ROUNDS_A_STEP = 40;

interface State {
  readonly counts: CandidateCounts;
  readonly fits: number;
  readonly fitted: number;
  readonly labels: LabelSource | undefined;
  readonly parameters: Float32Array | undefined;
}

/**
 * BANANAS (White et al. 2021, "BANANAS: Bayesian optimization with neural architectures for neural architecture search"):
 * an ensemble is fitted anew to the history, the candidates are random mutants of the best architectures, and independent
 * Thompson sampling picks among them.
 */
export class BananasSearch implements SearchMethod {
  readonly times: PhaseTimes = { fit: 0, climb: 0, acquire: 0 };
  diagnostics: Diagnostics | undefined;
  private readonly candidates: Candidates;
  /** Fits that a call came of: one that an abort left unused is none, so that it leaves no trace. */
  private fits = 0;
  private unused = false;
  /** Length of the history at the last fit. */
  private fitted = 0;
  private labels: LabelTransform | undefined;

  /** The method owns `ensemble`, the proxies that predict the objective, and closes it. */
  constructor(
    space: SearchSpace,
    private readonly seed: number,
    private readonly init: number,
    private readonly ensemble: Ensemble,
    private readonly learning: LearnPlan,
    permitted?: Permitted,
  ) {
    this.candidates = new Candidates(space, seed, permitted);
  }

  get isa(): string {
    return this.ensemble.isa;
  }

  get shortfall(): string | undefined {
    return this.candidates.shortfall;
  }

  async propose(count: number, history: Observations, context: ProposeContext = {}): Promise<Proposal[]> {
    await this.candidates.begin(context.signal, false);
    const first = this.candidates.proposed < this.init || history.length < 2;
    this.diagnostics = undefined;
    const chosen = first ? [] : await this.guided(count, history, context);
    const proposals = await this.candidates.complete(chosen, count);
    if (this.unused) this.fits += 1;
    this.unused = false;
    return proposals;
  }

  adopt(genes: readonly Uint8Array[], { signal }: ProposeContext = {}): Promise<Proposal[]> {
    this.diagnostics = undefined;
    return this.candidates.adopt(genes, signal);
  }

  snapshot(): MethodState {
    const { candidates, fits, fitted, labels, ensemble } = this;
    const parameters = fitted > 0 ? ensemble.snapshot() : undefined;
    return { counts: candidates.counts, fits, fitted, labels: labels?.source, parameters } satisfies State;
  }

  restore(state: MethodState, proposed: Uint8Array): Promise<void> {
    const { counts, fits, fitted, labels, parameters } = state as unknown as State;
    this.candidates.restore(counts, proposed);
    this.fits = fits;
    this.fitted = fitted;
    this.labels = labels && labelsFrom(labels);
    if (parameters !== undefined) this.ensemble.restore(parameters);
    return Promise.resolve();
  }

  close(): void {
    this.ensemble.close();
    this.candidates.close();
  }

  private async guided(count: number, history: Observations, context: ProposeContext): Promise<Proposal[]> {
    const phase = (name: Phase, work: (context: WorkContext) => Promise<void>): Promise<void> =>
      runPhase(name, this.times, context, work);
    if (history.length !== this.fitted) await phase('fit', (c) => this.fit(history, c));
    let proposals: Proposal[] = [];
    await phase('acquire', async (c) => {
      const draws = new Draws(deriveSeed(this.seed, SeedLane.Bananas, this.candidates.calls));
      await gather(this.candidates, history, Math.max(count, CANDIDATES), draws);
      await scorePool(this.candidates.pool, this.ensemble.scorer, c);
      proposals = this.pick(count, draws);
    });
    return proposals;
  }

  private async fit(history: Observations, context: WorkContext): Promise<void> {
    const stream = { seed: this.seed, round: this.fits + 1 };
    this.fitted = 0; // an abort leaves no fit
    this.ensemble.initialise(stream.seed, stream.round);
    this.labels = await learn(this.ensemble, history, this.learning, stream, context);
    this.unused = true;
    this.fitted = history.length;
  }

  private pick(count: number, draws: Draws): Proposal[] {
    const { pool } = this.candidates;
    const beliefs = beliefsOf(pool.scores(), pool.size);
    const all = this.candidates.split(pool.candidates());
    const places = thompson(beliefs, count, draws);
    this.diagnostics = new CandidateNotes(pool).picked(Uint32Array.from(places));
    return places.map((i) => ({
      genes: all[i]!,
      ...expectation(this.labels!, beliefs[i]!.mean, beliefs[i]!.deviation),
      round: this.fits + (this.unused ? 1 : 0),
    }));
  }
}

/** Fills the pool with mutants of the incumbents in turn; with random architectures as far as those are known. */
async function gather(candidates: Candidates, history: Observations, wanted: number, draws: Draws): Promise<void> {
  const { pool } = candidates;
  const incumbents = history.genesOf(history.byValue().slice(0, INCUMBENTS));
  pool.clear();
  // Mutants are hardly ever among a few that can be queried: then those nearest to the incumbents.
  if (candidates.restricted) pool.addNeighbours(incumbents);
  await candidates.settle();
  for (let round = 0; round < MOST_ROUNDS && !candidates.restricted && pool.size < wanted; ++round) {
    const seed = deriveSeed(draws.seed, SeedLane.Bananas, round);
    candidates.addMutants(incumbents, 1 + Math.floor(round / ROUNDS_A_STEP), seed);
    await candidates.settle();
  }
  if (pool.size < wanted) await candidates.addUniform(wanted - pool.size, draws.seed, 0);
}

/** What an ensemble believes of an architecture: mean and standard deviation (over K - 1) of its K predictions. */
export interface Belief {
  readonly mean: number;
  readonly deviation: number;
}

/** Beliefs (n) from predictions (n, K). */
export function beliefsOf(scores: Float32Array, count: number): Belief[] {
  const members = scores.length / count;
  return Array.from({ length: count }, (_, i) => {
    const own = scores.subarray(i * members, (i + 1) * members);
    const mean = own.reduce((sum, v) => sum + v, 0) / members;
    const squares = own.reduce((sum, v) => sum + (v - mean) ** 2, 0);
    return { mean, deviation: Math.sqrt(squares / Math.max(1, members - 1)) };
  });
}

/** Independent Thompson sampling: the places of the `count` largest draws, each from its own belief's normal distribution. */
export function thompson(beliefs: readonly Belief[], count: number, draws: Draws): number[] {
  const drawn = beliefs.map(({ mean, deviation }) => mean + deviation * draws.normal());
  const places = [...drawn.keys()].sort((a, b) => drawn[b]! - drawn[a]! || a - b);
  return places.slice(0, count);
}
