import { Candidates } from '../baselines/candidates.js';
import type {
  Diagnostics,
  Observations,
  Phase,
  PhaseTimes,
  Proposal,
  ProposeContext,
  SearchMethod,
} from '../baselines/method.js';
import { throwIfAborted } from '../errors.js';
import type { NativePool } from '../native.js';
import { Ensemble, type WorkContext } from '../proxy/ensemble.js';
import type { LabelTransform } from '../proxy/labels.js';
import type { SearchSpace } from '../space/types.js';
import { CandidateNotes, expectation } from './diagnostics.js';
import { learn } from './learn.js';
import { runPhase } from './phases.js';
import type { Preset } from './presets.js';

/** Architectures that a round scores where only some can be queried; of more than that, as many at random. */
const MOST_SCANNED = 131_072;

/**
 * Search by an optimisation proxy (arXiv 2509.05656): fit an ensemble to the history, climb its prediction over relaxed
 * architectures, draw candidates, query the best.
 */
export class OptiProxySearch implements SearchMethod {
  readonly times: PhaseTimes = { fit: 0, climb: 0, acquire: 0 };
  private readonly ensemble: Ensemble;
  private readonly candidates: Candidates;
  private readonly pool: NativePool;
  private readonly size: number;
  /** Whether the architectures are few enough to be scored rather than climbed to. */
  private readonly whole: boolean;
  diagnostics: Diagnostics | undefined;
  /** Fits that were finished. */
  private fits = 0;
  /** Length of the history when the present parameters were fitted. */
  private fitted = 0;
  private labels: LabelTransform | undefined;

  constructor(
    space: SearchSpace,
    private readonly seed: number,
    private readonly preset: Preset,
    private readonly init: number,
    threads: number,
    only?: Uint8Array,
  ) {
    this.ensemble = new Ensemble(space, { ...preset.model, outputs: 1, threads });
    this.ensemble.initialise(seed, 0);
    this.candidates = new Candidates(space, seed, only);
    this.pool = this.candidates.pool;
    this.size = this.pool.count;
    this.whole = only !== undefined || this.size <= preset.wholeSpace;
  }

  get isa(): string {
    return this.ensemble.isa;
  }

  get shortfall(): string | undefined {
    return this.candidates.shortfall;
  }

  async propose(count: number, history: Observations, context: ProposeContext = {}): Promise<Proposal[]> {
    throwIfAborted('ask', context.signal);
    // A call that starts within the first samples is random altogether; two answers are the fewest that rank anything.
    const first = this.candidates.proposed < this.init || history.length < 2;
    this.diagnostics = undefined;
    const chosen = first ? [] : await this.guided(count, history, context);
    // Nothing below can be aborted: what is known, counted and returned is one step.
    return this.candidates.complete(chosen, count);
  }

  close(): void {
    this.ensemble.close();
    this.candidates.close();
  }

  /** One round of fit, climb and acquire (paper §3). */
  private async guided(count: number, history: Observations, context: ProposeContext): Promise<Proposal[]> {
    const phase = (name: Phase, work: (context: WorkContext) => Promise<void>): Promise<void> =>
      runPhase(name, this.times, context, work);
    if (history.length !== this.fitted) await phase('fit', (c) => this.fit(history, c));
    if (!this.whole) {
      await phase('climb', (c) =>
        this.ensemble.climb({ ...this.preset.climb, seed: this.seed, round: this.candidates.calls }, c),
      );
    }
    let proposals: Proposal[] = [];
    await phase('acquire', async (c) => {
      this.pool.clear();
      const notes = new CandidateNotes(this.pool);
      await (this.whole ? this.gatherAll(count, c) : this.gather(count, history, notes, c));
      await this.ensemble.score(this.pool, c);
      proposals = this.pick(count, notes);
    });
    return proposals;
  }

  /** Fits from the last round's parameters to a bounded part of the history; an abort puts those back. */
  private async fit(history: Observations, context: WorkContext): Promise<void> {
    const before = this.ensemble.snapshot();
    try {
      const stream = { seed: this.seed, round: this.fits + 1 };
      this.labels = await learn(this.ensemble, history, this.preset, stream, context);
    } catch (error) {
      this.ensemble.restore(before);
      throw error;
    }
    this.fits += 1;
    this.fitted = history.length;
  }

  /** Fills the pool with the best of the whole space: no pick goes beyond the best `count` of a member or the mean. */
  private gatherAll(count: number, context: WorkContext): Promise<void> {
    const plan = {
      count: Math.min(this.size, MOST_SCANNED),
      keep: Math.min(count, this.size),
      seed: this.seed,
      round: this.candidates.calls,
    };
    return this.ensemble.scan(this.pool, plan, context);
  }

  /** Fills the pool: climbed distributions, neighbours of the incumbents, then hill climbing on the proxy. */
  private async gather(
    count: number,
    history: Observations,
    notes: CandidateNotes,
    context: WorkContext,
  ): Promise<void> {
    const { draw, draws, incumbents, hillClimb } = this.preset;
    this.ensemble.drawInto(this.pool, { ...draw, draws: draws(count), seed: this.seed, round: this.candidates.calls });
    notes.drawn(this.ensemble.entropy(draw.sharpness));
    this.pool.addNeighbours(history.genesOf(history.byValue().subarray(0, incumbents)));
    if (incumbents > 0) notes.surrounded();
    for (let i = 0; i < hillClimb.rounds && this.pool.size > 0; ++i) {
      await this.ensemble.score(this.pool, context);
      if (this.pool.addNeighboursOfBest(hillClimb.centres) === 0) break;
    }
  }

  private pick(count: number, notes: CandidateNotes): Proposal[] {
    const { genes, means, deviations, places } = this.pool.pick(
      count,
      this.preset.pick,
      this.seed,
      this.candidates.calls,
    );
    const sure = this.preset.model.members > 1 ? deviations : undefined;
    this.diagnostics = notes.picked(places);
    return this.candidates.split(genes).map((architecture, i) => ({
      genes: architecture,
      ...expectation(this.labels!, means[i]!, sure?.[i]),
      round: this.fits,
    }));
  }
}
