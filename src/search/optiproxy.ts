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
import type { Aim } from '../metric/aim.js';
import type { NativePool } from '../native.js';
import type { Compute } from '../proxy/device.js';
import { Ensemble, type Learnt } from '../proxy/ensemble.js';
import type { WorkContext } from '../proxy/slices.js';
import type { SearchSpace } from '../space/types.js';
import { CandidateNotes } from './diagnostics.js';
import { Gathering } from './gathering.js';
import { Head, type ClimbYield, type HeadState } from './head.js';
import { Pending, type PendingState } from './pending.js';
import { runPhase } from './phases.js';
import type { Preset } from './preset.js';
import { type Call, keyOf, Screening, type ScreeningState } from './screening.js';
import { look, type Start } from './start.js';
import type { Stream, Surrogate } from './surrogate.js';

interface State {
  readonly counts: CandidateCounts;
  readonly climbedAt: number | undefined;
  readonly correlation: number;
  readonly pending: PendingState;
  readonly screening: ScreeningState | undefined;
  readonly head: HeadState | undefined;
  readonly surrogate: MethodState;
  readonly parameters: Float32Array | undefined;
}

/**
 * Search by an optimisation proxy (arXiv 2509.05656): fit a surrogate to the history, climb its networks' prediction over
 * relaxed architectures, draw candidates, query the best.
 */
export class OptiProxySearch implements SearchMethod {
  readonly times: PhaseTimes = { fit: 0, climb: 0, acquire: 0 };
  diagnostics: Diagnostics | undefined;
  private readonly candidates: Candidates;
  private readonly pool: NativePool;
  /** Whether the ensemble has changed since the last climb, and the call of that; undefined before the first. */
  private moved = false;
  private climbedAt: number | undefined;
  /** Whether what was climbed is not at hand, so that it must be climbed again. */
  private lost = false;
  /** What the climbed distributions gave in the last call. */
  private gave: ClimbYield | undefined;
  private readonly gathering: Gathering;
  private readonly pending = new Pending();
  private readonly screening: Screening | undefined;
  private readonly ensemble: Ensemble;
  /** What the ensemble learns of limits that are known before a query. */
  private readonly head: Head | undefined;
  private start: Start | undefined;
  /** What the surrogate's was after the last call: one that was aborted may have left it another. */
  private correlation = 0;

  /**
   * `cost` of a measurement at a low fidelity, 0..1, where there is one: first samples, and `init`, are of that.  `aim`: what
   * is searched for, where that is more than one number; only with a mixture.
   */
  constructor(
    private readonly space: SearchSpace,
    private readonly seed: number,
    private readonly preset: Preset,
    private readonly init: number,
    compute: Compute,
    private readonly permitted: Permitted = {},
    cost?: number,
    private readonly aim?: Aim,
  ) {
    this.candidates = new Candidates(space, seed, permitted);
    this.pool = this.candidates.pool;
    this.gathering = new Gathering(space, this.candidates, preset);
    const { excess } = this.candidates;
    // Of a pool all are judged, and what is climbed to would not be among them; a mixture hardly ever climbs.
    if (
      preset.head !== undefined &&
      preset.mixture === undefined &&
      excess !== undefined &&
      permitted.only === undefined
    )
      this.head = new Head(space, seed, preset.head, excess);
    this.ensemble = new Ensemble(space, { ...preset.model, outputs: this.head === undefined ? 1 : 2, ...compute });
    this.ensemble.initialise(seed, 0);
    this.screening = cost === undefined ? undefined : new Screening(cost);
  }

  get isa(): string {
    return this.ensemble.isa;
  }

  get learnt(): Learnt | undefined {
    return this.start?.surrogate.learnt;
  }

  get shortfall(): string | undefined {
    return this.candidates.shortfall;
  }

  async propose(count: number, history: Observations, context: ProposeContext = {}): Promise<Proposal[]> {
    const { candidates } = this;
    await this.prepare(context.signal);
    const { screening } = this;
    const left = context.left ?? Infinity;
    const call = await this.callOf(count, left, history);
    this.diagnostics = undefined;
    this.gave = undefined;
    const chosen = call.first ? this.designed(call) : await this.guided(call, history, context);
    const paid = screening?.paid(chosen, call, left) ?? { proposals: chosen, count: call.count };
    const proposals = await candidates.complete(paid.proposals, paid.count, fidelityOf(call));
    // Nothing below can be aborted: what is known, counted and returned is one step.
    this.surrogate.commit();
    this.correlation = this.surrogate.correlation;
    this.pending.add(proposals);
    if (this.gave !== undefined) this.head?.weigh(this.gave, count);
    screening?.add(proposals);
    return proposals;
  }

  async adopt(genes: readonly Uint8Array[], { signal }: ProposeContext = {}): Promise<Proposal[]> {
    await this.prepare(signal);
    const proposals = await this.candidates.adopt(genes, signal);
    this.diagnostics = undefined;
    this.pending.add(proposals);
    this.screening?.add(proposals);
    return proposals;
  }

  snapshot(): MethodState {
    const { candidates, climbedAt, correlation, pending, screening, head, surrogate, ensemble } = this;
    return {
      counts: candidates.counts,
      climbedAt,
      correlation,
      pending: pending.snapshot(),
      screening: screening?.snapshot(),
      head: head?.snapshot(),
      surrogate: surrogate.snapshot(),
      // Before the first fit they are a function of the seed.
      parameters: ensemble.trained ? ensemble.snapshot() : undefined,
    } satisfies State;
  }

  async restore(state: MethodState, proposed: Uint8Array): Promise<void> {
    const { counts, climbedAt, correlation, pending, screening, head, surrogate, parameters } =
      state as unknown as State;
    // What is looked at before the first call must not be what was left after it.
    await this.candidates.begin(undefined, true);
    this.start = await this.begin();
    this.candidates.restore(counts, proposed);
    this.climbedAt = climbedAt;
    this.lost = climbedAt !== undefined;
    this.pending.restore(pending);
    if (screening !== undefined) this.screening?.restore(screening);
    if (head !== undefined) this.head?.restore(head);
    if (parameters !== undefined) this.ensemble.restore(parameters);
    this.surrogate.restore(surrogate);
    this.correlation = correlation;
  }

  close(): void {
    (this.start?.surrogate ?? this.ensemble).close();
    this.candidates.close();
  }

  private get surrogate(): Surrogate {
    return this.start!.surrogate;
  }

  /** Looks at the space, once, before anything of it is known. */
  private prepare(signal: AbortSignal | undefined): Promise<void> {
    return runPhase('acquire', this.times, { signal }, async () => {
      await this.candidates.begin(signal, true);
      this.start ??= await this.begin();
    });
  }

  private async begin(): Promise<Start> {
    const { space, seed, preset, init, candidates, permitted, ensemble, head, aim } = this;
    const start = await look({ space, seed, preset, init, candidates, permitted, ensemble, head, aim });
    this.correlation = start.surrogate.correlation;
    return start;
  }

  private async callOf(count: number, left: number, history: Observations): Promise<Call> {
    const { screening, candidates } = this;
    const designed = candidates.proposed >= this.init;
    const screened = history.screened?.length ?? 0;
    // Two answers are the fewest that rank anything.
    const first = !designed || history.length + screened < 2;
    if (screening === undefined) return { first, count, affordable: 0, screens: false };
    const call = (samples: boolean): Call => screening.call(count, left, this.correlation, samples, designed);
    const next = call(first);
    // Where no more can be screened what was is all there is to choose from.
    return first && screened > 0 && (next.affordable === 0 || !(await candidates.anyLeft())) ? call(false) : next;
  }

  /** The next of the first samples. */
  private designed(call: Call): Proposal[] {
    const all = this.candidates.split(this.start!.design).slice(this.candidates.proposed);
    return this.candidates
      .fresh(all)
      .slice(0, call.count)
      .map((genes) => ({ genes, round: 0, ...fidelityOf(call) }));
  }

  /** One round of fit, climb and acquire (paper §3). */
  private async guided(call: Call, history: Observations, context: ProposeContext): Promise<Proposal[]> {
    const phase = (name: Phase, work: (context: WorkContext) => Promise<void>): Promise<void> =>
      runPhase(name, this.times, context, work);
    const stream = { seed: this.seed, round: this.candidates.calls };
    await phase('fit', async (c) => {
      if (await this.surrogate.fit(history, this.pending.genes(history), c)) this.moved = true;
    });
    const { climb } = this.start!;
    if (climb !== null && (this.moved || this.lost)) {
      const round = this.moved ? stream.round : this.climbedAt!;
      await phase('climb', (c) => this.ensemble.climb({ ...climb, ...stream, round }, c, this.head?.weights));
      this.moved = this.lost = false;
      this.climbedAt = round;
    }
    let proposals: Proposal[] = [];
    await phase('acquire', async (c) => {
      const { screening } = this;
      if (screening === undefined) proposals = await this.choose(call.count, history, [], true, stream, c);
      else proposals = await this.chooseScreened(screening, call, history, stream, c);
    });
    return proposals;
  }

  /** Likewise where architectures can be screened: those that must be in full first, of what was screened. */
  private async chooseScreened(
    screening: Screening,
    { count, affordable }: Call,
    history: Observations,
    stream: Stream,
    context: WorkContext,
  ): Promise<Proposal[]> {
    const screened = this.candidates.split(screening.promotable(history.screened!));
    const due = Math.min(count, Math.max(screening.due, count - affordable));
    const promoted =
      due > 0 && screened.length > 0 ? await this.choose(due, history, screened, false, stream, context) : [];
    if (promoted.length === count) return promoted;
    const taken = new Set(promoted.map(({ genes }) => keyOf(genes)));
    const others = screened.filter((genes) => !taken.has(keyOf(genes)));
    const chosen = await this.choose(count - promoted.length, history, others, true, stream, context);
    const { diagnostics } = this;
    if (diagnostics !== undefined && screened.length > 0)
      this.diagnostics = { ...diagnostics, scored: diagnostics.scored + promoted.length, screened: screened.length };
    const known = new Set(others.map(keyOf));
    // Where nothing was left to promote, new ones are due.
    let inFull = screening.worth(this.surrogate.correlation) ? due - promoted.length : Infinity;
    return [
      ...promoted,
      ...chosen.map((proposal): Proposal => {
        const { genes, round } = proposal;
        return known.has(keyOf(genes)) || inFull-- > 0 ? proposal : { genes, round, cheap: true };
      }),
    ];
  }

  /** Of these that were screened, and with `fresh` of what was never asked, the ones that promise most, in full. */
  private async choose(
    count: number,
    history: Observations,
    screened: readonly Uint8Array[],
    fresh: boolean,
    stream: Stream,
    context: WorkContext,
  ): Promise<Proposal[]> {
    this.pool.clear();
    const notes = new CandidateNotes(this.pool, this.pool.add(new Uint8Array(Buffer.concat(screened)), true));
    if (fresh) {
      const { whole, size, surrogate } = this.start!;
      if (whole) await this.gathering.whole(surrogate, count, size, stream, notes, context);
      else await this.gathering.some(surrogate, count, history, this.climbedAt !== undefined, stream, notes, context);
    }
    await this.surrogate.score(this.pool, stream.round, context);
    const { genes, places, expected } = await this.surrogate.pick(this.pool, count, stream, context);
    this.diagnostics = notes.picked(places);
    this.gave = notes.gave;
    const round = this.surrogate.fits;
    return this.candidates.split(genes).map((chosen, i) => ({ genes: chosen, ...expected[i], round }));
  }
}

/** What the proposals of a call that it fills itself are measured at. */
function fidelityOf({ screens }: Call): Pick<Proposal, 'cheap'> {
  return screens ? { cheap: true } : {};
}
