import type { Objective } from '../types.js';

/**
 * How often one of `chosen` is better than one of `samples`, ties counting half (Mann and Whitney 1947): the share of all
 * pairs, and how many standard deviations that is above the half that chance gives.
 */
export function superiority(
  chosen: ArrayLike<number>,
  samples: ArrayLike<number>,
  goal: Objective['goal'],
): { share: number; deviations: number } {
  const sign = goal === 'maximize' ? 1 : -1;
  const [n, m] = [chosen.length, samples.length];
  let wins = 0;
  for (let i = 0; i < n; ++i)
    for (let j = 0; j < m; ++j) wins += (1 + Math.sign(sign * (chosen[i]! - samples[j]!))) / 2;
  const share = wins / (n * m);
  return { share, deviations: (share - 0.5) / Math.sqrt((n + m + 1) / (12 * n * m)) };
}
