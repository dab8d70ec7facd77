import { History } from '../../src/baselines/history.js';
import type { SearchSpace } from '../../src/space/types.js';
import { allGenes } from './spaces.js';

/** In how many genes two architectures differ. */
export function distance(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((differ, gene, i) => differ + Number(gene !== b[i]), 0);
}

/** The first `count` architectures, in counting order, that differ from each other by at least three genes: no one is a neighbour of two. */
export function farApart(space: SearchSpace, count: number): Uint8Array[] {
  const chosen: Uint8Array[] = [];
  for (const genes of allGenes(space)) {
    if (chosen.length < count && chosen.every((other) => distance(genes, other) >= 3)) chosen.push(genes);
  }
  if (chosen.length < count) throw new Error(`${space.id} has fewer than ${count} that are far apart`);
  return chosen;
}

/** A history of architectures, told in this order (their places) with these values; those without are not answered. */
export function toldHistory(
  space: SearchSpace,
  asked: readonly Uint8Array[],
  told: readonly (readonly [place: number, value: number])[],
): History {
  const history = new History(space);
  for (const genes of asked) history.add(genes);
  for (const [place, value] of told) history.tell(place + 1, value);
  history.advance();
  return history;
}
