import type { NativePool } from '../native.js';
import type { Expectation } from './diagnostics.js';
import { concat } from './process.js';
import type { Picked, Stream } from './surrogate.js';

/**
 * Of one call, picks between which a belief learns what it expects of those before, so that they are not alike; and of
 * more, how many at once it learns.
 */
const FANTASY_STEPS = 16;
const MOST_FANTASIES = 16;

/** What picks go by; P is what is believed of several architectures. */
export interface Believer<P> {
  /** Of architectures (n, G) chosen in this turn, at these places of the pool. */
  predict(genes: Uint8Array, turn: number, places: readonly number[]): P;
  expected(predictions: P, count: number): readonly (Expectation | undefined)[];
  /** Learns the first `count` of them as if they had come out as expected, and scores the pool anew. */
  imagine(genes: Uint8Array, predictions: P, count: number, turn: number): Promise<void>;
}

/** The best `count` of the pool, all scored; of several, later ones as if the earlier had come out as expected. */
export async function pickInTurn<P>(pool: NativePool, count: number, stream: Stream, by: Believer<P>): Promise<Picked> {
  const step = Math.ceil(count / FANTASY_STEPS);
  const wanted = Math.min(count, pool.size);
  const places = new Set<number>();
  const genes: Uint8Array[] = [];
  const expected: (Expectation | undefined)[] = [];
  let turn = stream.round;
  while (places.size < wanted) {
    const ranked = pool.pick(Math.min(wanted, places.size + step), 'mean', stream.seed, stream.round);
    const width = ranked.genes.length / ranked.places.length;
    const fresh = [...ranked.places.keys()]
      .filter((i) => !places.has(ranked.places[i]!))
      .slice(0, wanted - places.size);
    const chosen = concat(fresh.map((i) => ranked.genes.subarray(i * width, (i + 1) * width)));
    const at = fresh.map((i) => ranked.places[i]!);
    const predictions = by.predict(chosen, turn, at);
    for (const place of at) places.add(place);
    expected.push(...by.expected(predictions, fresh.length));
    genes.push(chosen);
    if (places.size >= wanted) break;
    const few = Math.min(fresh.length, MOST_FANTASIES);
    await by.imagine(chosen.subarray(0, few * width), predictions, few, ++turn);
  }
  return { genes: concat(genes), places: Uint32Array.from(places), expected };
}
