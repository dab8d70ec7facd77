import { deriveSeed, Draws, SeedLane } from '../random.js';
import { geneCount } from '../space/genes.js';
import type { SearchSpace } from '../space/types.js';
import { BaselineSearch, type Choose } from './baseline.js';
import type { Candidates } from './candidates.js';
import type { Permitted } from './permitted.js';
import { Distinct } from './distinct.js';
import type { Observations } from './method.js';
import { ParzenMixture } from './parzen.js';

/** Part of the answers that counts as good, and how many at most. */
const GOOD_PART = 0.1;
const MOST_GOOD = 25;
/** Kernels of the others at most, so that a long history costs no more. */
const MOST_OTHERS = 1000;
/** Architectures that compete for one proposal, and random ones that do where l gives none that can be asked. */
const DRAWN = 24;
const RANDOM = 256;

/**
 * The tree-structured Parzen estimator (Bergstra et al. 2011, "Algorithms for hyper-parameter optimization"), multivariate
 * as in BOHB (Falkner et al. 2018) and with Optuna's settings: l is the density of the best answers, g that of the others,
 * and of a few new architectures drawn from l the one with the largest l / g is asked.
 */
export function tpeSearch(space: SearchSpace, seed: number, init: number, permitted?: Permitted): BaselineSearch {
  const choose: Choose = async (count, history, candidates) => {
    if (history.length === 0) return { genes: [] };
    const { good, others } = splitAnswers(history);
    const l = new ParzenMixture(space.program, history.genesOf(good));
    const g = new ParzenMixture(space.program, history.genesOf(others));
    const score = (genes: Uint8Array): number => l.logDensity(genes) - g.logDensity(genes);
    const draws = new Draws(deriveSeed(seed, SeedLane.Tpe, candidates.calls));
    const chosen = new Distinct(space);
    const random = new Fallback(candidates, draws);
    while (chosen.genes.length < count) {
      await draw(candidates, l, draws, geneCount(space.program));
      const drawn = candidates.split(candidates.pool.candidates());
      const best = largest(drawn, chosen, score) ?? largest(await random.architectures(), chosen, score);
      if (best === undefined) break;
      chosen.add(best);
    }
    return chosen;
  };
  return new BaselineSearch(space, seed, init, choose, permitted);
}

/** The best answers, and of the others all or, of many, a part that is even over their ranks. */
export function splitAnswers(history: Observations): { good: Int32Array; others: Int32Array } {
  const ranked = history.byValue();
  const good = Math.min(Math.ceil(GOOD_PART * ranked.length), MOST_GOOD);
  const others = ranked.length - good;
  const kept = Math.min(others, MOST_OTHERS);
  return {
    good: ranked.slice(0, good),
    others: Int32Array.from({ length: kept }, (_, i) => ranked[good + Math.floor((i * others) / kept)]!),
  };
}

/** Fills the pool with architectures drawn from the density, until they are enough or none of a whole turn can be asked. */
async function draw(candidates: Candidates, density: ParzenMixture, draws: Draws, width: number): Promise<void> {
  const { pool } = candidates;
  const drawn = new Uint8Array(DRAWN * width);
  pool.clear();
  let before: number;
  do {
    before = pool.size;
    for (let i = 0; i < DRAWN; ++i) drawn.set(density.sample(draws), i * width);
    pool.add(drawn);
    await candidates.settle();
  } while (pool.size > before && pool.size < DRAWN);
}

/** Random architectures for where the density gives none that can be asked, as where only a few can be: once a call. */
class Fallback {
  private found: Uint8Array[] | undefined;

  constructor(
    private readonly candidates: Candidates,
    private readonly draws: Draws,
  ) {}

  async architectures(): Promise<Uint8Array[]> {
    if (this.found !== undefined) return this.found;
    const { pool, proposed } = this.candidates;
    pool.clear();
    const count = Math.max(1, Math.min(RANDOM, pool.count - proposed));
    await this.candidates.addUniform(count, this.draws.seed, this.draws.below(2 ** 31));
    return (this.found = this.candidates.split(pool.candidates()));
  }
}

/** The architecture with the largest score that was not chosen yet; of equals, the first. */
function largest(
  list: readonly Uint8Array[],
  chosen: Distinct,
  score: (genes: Uint8Array) => number,
): Uint8Array | undefined {
  let best: Uint8Array | undefined;
  let most = -Infinity;
  for (const genes of list) {
    const value = score(genes);
    if (value > most && !chosen.has(genes)) [best, most] = [genes, value];
  }
  return best;
}
