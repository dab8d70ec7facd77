import { OptiProxyError } from '../../errors.js';
import { averageRanks } from '../../statistics/ranks.js';

/** Numbers whose difference is this part of the larger are the same: what subtracting leaves of decimal values. */
const SAME = 1e-12;

export interface SignedRankTest {
  /** Pairs that differ; the others say nothing about a direction and are left out. */
  pairs: number;
  /** W+ and W-: sums of the ranks of |a - b| where a is larger, and where b is. */
  positive: number;
  negative: number;
  /** Two-sided. */
  p: number;
}

/**
 * Wilcoxon's signed-rank test of pairs (Wilcoxon 1945): pairs without a difference are left out, tied differences share
 * their average rank.  The p-value is exact for any ties: the chance, over all 2^n signs of the ranks at hand, of a rank sum
 * at least as far from the middle.  At most 1,000 pairs.
 */
export function signedRankTest(a: readonly number[], b: readonly number[]): SignedRankTest {
  if (a.length !== b.length || a.length > 1000) {
    throw new OptiProxyError('INTERNAL', {
      what: 'pairs',
      expected: 'at most 1,000',
      given: `${a.length}, ${b.length}`,
    });
  }
  const quantum = SAME * [...a, ...b].reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const differences = a.map((value, i) => (quantum === 0 ? 0 : Math.round((value - b[i]!) / quantum)));
  const nonzero = differences.filter((d) => d !== 0);
  const ranks = averageRanks(nonzero, (x, y) => Math.abs(x) - Math.abs(y));
  const sum = (sign: number): number =>
    ranks.reduce((s, rank, i) => s + (Math.sign(nonzero[i]!) === sign ? rank : 0), 0);
  const [positive, negative] = [sum(1), sum(-1)];
  return { pairs: nonzero.length, positive, negative, p: twoSided(ranks, Math.min(positive, negative)) };
}

/** 2 P(W <= w), at most 1, where W adds each rank with probability a half.  Twice the ranks are whole numbers. */
function twoSided(ranks: readonly number[], w: number): number {
  const most = Math.round(2 * w);
  const chance = new Float64Array(most + 1); // of each sum of doubled ranks up to `most`
  chance[0] = 1;
  for (const rank of ranks) {
    const step = Math.round(2 * rank);
    for (let sum = most; sum >= 0; --sum) {
      chance[sum] = (chance[sum]! + (sum >= step ? chance[sum - step]! : 0)) / 2;
    }
  }
  return Math.min(1, 2 * chance.reduce((total, c) => total + c, 0));
}
