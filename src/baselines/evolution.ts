import { deriveSeed, Draws, SeedLane } from '../random.js';
import type { SearchSpace } from '../space/types.js';
import { BaselineSearch, type Choose } from './baseline.js';
import type { Candidates } from './candidates.js';
import type { Permitted } from './permitted.js';
import { Distinct } from './distinct.js';
import type { Observations } from './method.js';

/** P, architectures that are alive, and S, entries of a tournament (drawn with replacement). */
export const POPULATION = 20;
const TOURNAMENT = 10;

/** Tournaments after which a mutant is one more change away from its parent, and most changes that are tried. */
const TRIES_A_STEP = 16;
const MOST_STEPS = 4;

/**
 * Regularised (ageing) evolution (Real et al. 2019, "Regularized evolution for image classifier architecture search",
 * algorithm 1): the population is the last P architectures that were answered, in the order asked, so the oldest dies; a
 * child is a random mutant of the best of a random sample of it.  Where the mutants that are drawn are known, children of
 * other parents are tried, then ones further away.
 */
export function evolutionSearch(space: SearchSpace, seed: number, init: number, permitted?: Permitted): BaselineSearch {
  const choose: Choose = async (count, history, candidates) => {
    const draws = new Draws(deriveSeed(seed, SeedLane.Evolution, candidates.calls));
    const children = new Distinct(space);
    while (children.genes.length < count && history.length > 0) {
      const child = await childOf(history, candidates, draws, children);
      if (child === undefined) break;
      children.add(child);
    }
    return children;
  };
  return new BaselineSearch(space, seed, init, choose, permitted);
}

/** A child that is not known yet; undefined where bounded tries find none. */
async function childOf(
  history: Observations,
  candidates: Candidates,
  draws: Draws,
  children: Distinct,
): Promise<Uint8Array | undefined> {
  const { pool } = candidates;
  for (let attempt = 0; attempt < TRIES_A_STEP * MOST_STEPS; ++attempt) {
    const parent = history.genesOf(Int32Array.of(winner(history, draws)));
    const seed = deriveSeed(draws.seed, SeedLane.Evolution, draws.below(2 ** 31));
    pool.clear();
    candidates.addMutants(parent, 1 + Math.floor(attempt / TRIES_A_STEP), seed);
    const fresh = await left(candidates, children, seed);
    if (fresh !== undefined) return fresh;
    // A mutant is hardly ever among a few that can be queried: then one of those nearest to the parent.
    if (!candidates.restricted) continue;
    pool.addNeighbours(parent);
    const near = await left(candidates, children, seed);
    if (near !== undefined) return near;
  }
  return undefined;
}

/** A random one of the pool that may be queried and was not chosen yet. */
async function left(candidates: Candidates, chosen: Distinct, seed: number): Promise<Uint8Array | undefined> {
  await candidates.settle();
  return candidates.split(candidates.pool.shuffled(seed, 0)).find((genes) => !chosen.has(genes));
}

/** The best of a random sample of the population. */
function winner(history: Observations, draws: Draws): number {
  const population = history.inOrder().slice(-POPULATION);
  const entries = Array.from({ length: TOURNAMENT }, () => population[draws.below(population.length)]!);
  return entries.reduce((best, entry) => (history.value(entry) > history.value(best) ? entry : best));
}
