import type { Candidates } from '../baselines/candidates.js';
import type { Observations } from '../baselines/method.js';
import type { WorkContext } from '../proxy/slices.js';
import type { SearchSpace } from '../space/types.js';
import type { ScanPlan } from '../native.js';
import type { CandidateNotes } from './diagnostics.js';
import type { Preset } from './preset.js';
import type { Stream, Surrogate } from './surrogate.js';

/** Architectures that a round scores where only some can be queried; of more than that, as many at random. */
const MOST_SCANNED = 131_072;
/** Architectures that a scan keeps for each one wanted: where several are, one may make the next best less worth. */
const KEPT = 8;
/** At most so many, which is what one call may ask for. */
const MOST_KEPT = 100_000;

/** How a round's pool is filled with what it chooses from. */
export class Gathering {
  /** Neighbours that an architecture has at most. */
  private readonly neighbours: number;

  constructor(
    space: SearchSpace,
    private readonly candidates: Candidates,
    private readonly preset: Preset,
  ) {
    this.neighbours = space.program.genes.reduce((sum, gene) => sum + gene.choices - 1, 0);
  }

  /** The best of a whole space of this size: by themselves no picks go beyond the best `count`. */
  async whole(
    surrogate: Surrogate,
    count: number,
    size: number,
    stream: Stream,
    notes: CandidateNotes,
    context: WorkContext,
  ): Promise<void> {
    const plan = { count: Math.min(size, MOST_SCANNED), keep: Math.min(keptFor(count), size), ...stream };
    await this.scan(surrogate, plan, notes, context);
  }

  /** With `climbed` what the distributions hold, neighbours of the incumbents, some at random, the best of many, then hill climbing. */
  async some(
    surrogate: Surrogate,
    count: number,
    history: Observations,
    climbed: boolean,
    stream: Stream,
    notes: CandidateNotes,
    context: WorkContext,
  ): Promise<void> {
    const { draw, draws, explored, scanned = 0, hillClimb } = this.preset;
    const { candidates } = this;
    const { pool } = candidates;
    const incumbents = this.within(this.preset.incumbents);
    if (climbed) {
      surrogate.ensemble.drawInto(pool, { ...draw, draws: draws(count), ...stream });
      await candidates.settle();
      notes.drawn(surrogate.ensemble.entropy(draw.sharpness));
    }
    pool.addNeighbours(history.genesOf(surrogate.centres(history, incumbents)));
    await candidates.settle();
    if (incumbents > 0) notes.surrounded();
    await candidates.addUniform(explored, stream.seed, stream.round);
    if (scanned > 0) {
      const plan = { count: scanned, keep: keptFor(count), ...stream };
      await this.scan(surrogate, plan, notes, context);
    }
    for (let i = 0; i < hillClimb.rounds && pool.size > 0; ++i) {
      await surrogate.score(pool, stream.round, context);
      if (pool.addNeighboursOfBest(this.within(hillClimb.centres)) === 0) break;
      await candidates.settle();
    }
  }

  private async scan(surrogate: Surrogate, plan: ScanPlan, notes: CandidateNotes, context: WorkContext): Promise<void> {
    const { pool } = this.candidates;
    const before = pool.size;
    await surrogate.scan(pool, plan, context);
    await this.candidates.settle();
    notes.scanned(pool.size - before);
  }

  /** So many of these centres that their neighbours are not too many. */
  private within(centres: number): number {
    return Math.min(centres, Math.max(2, Math.floor(this.preset.mostNeighbours / this.neighbours)));
  }
}

/** Candidates that a scan for so many keeps. */
function keptFor(count: number): number {
  return Math.min(count * KEPT, MOST_KEPT);
}
