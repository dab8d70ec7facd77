import type { Observations } from '../baselines/method.js';
import { deriveSeed, SeedLane } from '../random.js';

/**
 * What a fit learns from: everything while it is no more than `size`, else `size` of it, which bounds the cost of a fit
 * whatever the length of the history.
 *
 * - a quarter: the best by value, since that is where the next choice is made;
 * - a quarter: the latest proposed of the others, which say what became of the proxy's own predictions;
 * - a half: of the rest, ranked by value and cut into equal strata, one of each (a systematic sample: at the same random
 *   place in all), so that the proxy goes on knowing what is bad and mediocre, and at each fit others take their turn.
 *
 * The numbers come in ascending order.  They are a function of (seed, fit, answers): the order told does not matter.
 */
export function fitWindow(history: Observations, size: number, seed: number, fit: number): Int32Array {
  const all = history.inOrder();
  if (all.length <= size) return all;
  const window = new Int32Array(size);
  const taken = new Uint8Array(all.at(-1)! + 1);
  let filled = 0;
  const take = (id: number): void => {
    if (taken[id] === 1) return;
    taken[id] = 1;
    window[filled++] = id;
  };
  const quarter = size >> 2;
  const ranked = history.byValue();
  for (let i = 0; filled < quarter; ++i) take(ranked[i]!);
  for (let i = all.length - 1; filled < 2 * quarter; --i) take(all[i]!);
  // The one pass over the history: nanoseconds an answer, beside a fit of some hundred milliseconds.
  const rest = new Int32Array(all.length - filled);
  let found = 0;
  for (const id of ranked) if (taken[id] === 0) rest[found++] = id;
  const strata = size - filled;
  const offset = deriveSeed(seed, SeedLane.Window, fit) % rest.length;
  for (let s = 0; s < strata; ++s) take(rest[Math.floor((s * rest.length + offset) / strata)]!);
  return window.sort();
}
