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
import { Ensemble } from '../proxy/ensemble.js';
import { scanPool, scorePool, type WorkContext } from '../proxy/slices.js';
import type { SearchSpace } from '../space/types.js';
import { EnsembleAlone } from './alone.js';
import { CandidateNotes } from './diagnostics.js';
import { Mixture } from './mixture.js';
import { Pending } from './pending.js';
import { runPhase } from './phases.js';
import type { Preset } from './preset.js';
import { Screening } from './screening.js';
import type { Stream, Surrogate } from './surrogate.js';

/** Architectures that a round scores where only some can be queried; of more than that, as many at random. */
const MOST_SCANNED = 131_072;
/** Architectures that a scan keeps for each one wanted: where several are, one may make the next best less worth. */
const KEPT = 8;
/**
 * Random architectures that stand for a space: among them the first samples are chosen.  Of fewer than twice as many a half
 * does, so that seeds differ.
 */
const REFERENCE = 500;

/**
 * Search by an optimisation proxy (arXiv 2509.05656): fit a surrogate to the history, climb its networks' prediction over
 * relaxed architectures, draw candidates, query the best.
 */
export class OptiProxySearch implements SearchMethod {
  readonly times: PhaseTimes = { fit: 0, climb: 0, acquire: 0 };
  diagnostics: Diagnostics | undefined;
  private readonly candidates: Candidates;
  private readonly pool: NativePool;
  private readonly size: number;
  /** Whether all architectures are scored, being few; else how some are climbed to, which those of a pool cannot be. */
  private readonly whole: boolean;
  private readonly climb: Preset['climb'] | null;
  /** Whether the ensemble has changed since the last climb, and whether there was one. */
  private moved = false;
  private climbed = false;
  /** Neighbours that an architecture has at most. */
  private readonly neighbours: number;
  private readonly pending = new Pending();
  private readonly screening: Screening | undefined;
  private readonly ensemble: Ensemble;
  private readonly surrogate: Surrogate;
  /** First samples (n, G), those that stand for most of the space first; empty where they are to be random. */
  private readonly design: Uint8Array;

  /** `cost` of a measurement at a low fidelity, 0..1, where there is one: first samples, and `init`, are of that. */
  constructor(
    space: SearchSpace,
    private readonly seed: number,
    private readonly preset: Preset,
    private readonly init: number,
    threads: number,
    only?: Uint8Array,
    cost?: number,
  ) {
    this.candidates = new Candidates(space, seed, only);
    this.pool = this.candidates.pool;
    this.size = this.pool.count;
    this.whole = this.size <= preset.wholeSpace || (only !== undefined && preset.scansPools);
    this.climb = this.whole || only !== undefined ? null : preset.climb;
    this.neighbours = space.program.genes.reduce((sum, gene) => sum + gene.choices - 1, 0);
    this.ensemble = new Ensemble(space, { ...preset.model, outputs: 1, threads });
    this.ensemble.initialise(seed, 0);
    const { designed, mixture } = preset;
    this.candidates.addReference(Math.min(REFERENCE, Math.ceil(this.size / 2)));
    this.design = designed ? this.pool.representatives(init) : new Uint8Array();
    this.surrogate =
      mixture === undefined || this.pool.size === 0
        ? new EnsembleAlone(this.ensemble, seed, preset)
        : new Mixture(space, this.ensemble, seed, { ...preset, mixture }, this.pool.candidates());
    this.screening = cost === undefined ? undefined : new Screening(cost);
  }

  get isa(): string {
    return this.ensemble.isa;
  }

  get shortfall(): string | undefined {
    return this.candidates.shortfall;
  }

  async propose(count: number, history: Observations, context: ProposeContext = {}): Promise<Proposal[]> {
    throwIfAborted('ask', context.signal);
    // A call that starts within the first samples has no proxy at all; two answers are the fewest that rank anything.
    const first = this.samples(history);
    const cheap = first && this.screening !== undefined ? { cheap: true } : {};
    this.diagnostics = undefined;
    const chosen = first ? this.designed(count, cheap) : await this.guided(count, history, context);
    // Nothing below can be aborted: what is known, counted and returned is one step.
    const proposals = this.candidates.complete(chosen, count, cheap);
    this.pending.add(proposals);
    this.screening?.add(proposals);
    return proposals;
  }

  close(): void {
    this.surrogate.close();
    this.candidates.close();
  }

  /** Whether this call is of the first samples. */
  private samples(history: Observations): boolean {
    if (history.length + (history.screened?.length ?? 0) < 2) return true;
    // Where all are screened already, only queries are left.
    return this.candidates.proposed < this.init && (this.screening === undefined || this.candidates.anyLeft());
  }

  /** The next of the first samples. */
  private designed(count: number, measured: Pick<Proposal, 'cheap'>): Proposal[] {
    const all = this.candidates.split(this.design);
    const from = this.candidates.proposed;
    return all.slice(from, from + count).map((genes) => ({ genes, round: 0, ...measured }));
  }

  /** One round of fit, climb and acquire (paper §3). */
  private async guided(count: number, history: Observations, context: ProposeContext): Promise<Proposal[]> {
    const phase = (name: Phase, work: (context: WorkContext) => Promise<void>): Promise<void> =>
      runPhase(name, this.times, context, work);
    const stream = { seed: this.seed, round: this.candidates.calls };
    await phase('fit', async (c) => {
      if (await this.surrogate.fit(history, this.pending.genes(history), c)) this.moved = true;
    });
    const { climb } = this;
    if (climb !== null && this.moved) {
      await phase('climb', (c) => this.ensemble.climb({ ...climb, ...stream }, c));
      this.moved = false;
      this.climbed = true;
    }
    let proposals: Proposal[] = [];
    await phase('acquire', async (c) => {
      this.pool.clear();
      const promotable = this.addPromotable(history);
      const notes = new CandidateNotes(this.pool);
      if (promotable === 0 || this.screening?.due !== true)
        await (this.whole ? this.gatherAll(count, stream, c) : this.gather(count, history, stream, notes, c));
      await scorePool(this.pool, this.surrogate.scorer(stream.round), c);
      const { genes, places, expected } = await this.surrogate.pick(this.pool, count, stream, c);
      this.diagnostics = notes.picked(places);
      const round = this.surrogate.fits;
      const all = this.candidates.split(genes).map((chosen, i) => ({ genes: chosen, ...expected[i], round }));
      proposals = all.filter((_, i) => !this.screens(places[i]!, promotable));
      for (const { genes: cheap } of all.filter((_, i) => this.screens(places[i]!, promotable)))
        proposals.push({ genes: cheap, round, cheap: true });
    });
    return proposals;
  }

  /** Adds what can be asked for in full once more to the empty pool; returns how many that are. */
  private addPromotable({ screened }: Observations): number {
    if (this.screening === undefined || screened === undefined) return 0;
    return this.pool.add(this.screening.promotable(screened), true);
  }

  /** Whether the candidate at this place is to be screened, those before `promotable` having been. */
  private screens(place: number, promotable: number): boolean {
    return place >= promotable && this.screening?.worth(this.surrogate.correlation) === true;
  }

  /** Fills the pool with the best of the whole space: by themselves no picks go beyond the best `count`. */
  private gatherAll(count: number, stream: Stream, context: WorkContext): Promise<void> {
    const keep = Math.min(count * KEPT, this.size);
    const plan = { count: Math.min(this.size, MOST_SCANNED), keep, ...stream };
    return scanPool(this.pool, this.surrogate.scorer(stream.round), plan, context);
  }

  /** Fills the pool: climbed distributions, neighbours of the incumbents, some at random, then hill climbing. */
  private async gather(
    count: number,
    history: Observations,
    stream: Stream,
    notes: CandidateNotes,
    context: WorkContext,
  ): Promise<void> {
    const { draw, draws, explored, hillClimb } = this.preset;
    const incumbents = this.within(this.preset.incumbents);
    if (this.climbed) {
      this.ensemble.drawInto(this.pool, { ...draw, draws: draws(count), ...stream });
      notes.drawn(this.ensemble.entropy(draw.sharpness));
    }
    this.pool.addNeighbours(history.genesOf(history.byValue().subarray(0, incumbents)));
    if (incumbents > 0) notes.surrounded();
    this.pool.addUniform(explored, stream.seed, stream.round);
    for (let i = 0; i < hillClimb.rounds && this.pool.size > 0; ++i) {
      await scorePool(this.pool, this.surrogate.scorer(stream.round), context);
      if (this.pool.addNeighboursOfBest(this.within(hillClimb.centres)) === 0) break;
    }
  }

  /** So many of these centres that their neighbours are not too many. */
  private within(centres: number): number {
    return Math.min(centres, Math.max(2, Math.floor(this.preset.mostNeighbours / this.neighbours)));
  }
}
