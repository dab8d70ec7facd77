import { superiority } from '../../../../src/study/trust/superiority.js';

test('the share of pairs that the chosen win, ties counting half', () => {
  expect(superiority([3, 4], [1, 2], 'maximize').share).toBe(1);
  expect(superiority([3, 4], [1, 2], 'minimize').share).toBe(0);
  expect(superiority([2, 2], [2, 2, 2], 'maximize')).toEqual({ share: 0.5, deviations: 0 });
  expect(superiority([1, 3], [2, 3], 'maximize').share).toBe((0 + 0 + 1 + 0.5) / 4);
  expect(superiority([1e300], [-1e300], 'maximize').share).toBe(1);
});

test('the deviation is that of all orders of distinct values', () => {
  const [n, m] = [3, 4];
  const shares: number[] = [];
  for (let mask = 0; mask < 2 ** (n + m); ++mask) {
    const places = Array.from({ length: n + m }, (_, i) => i);
    const chosen = places.filter((i) => (mask >> i) & 1);
    if (chosen.length !== n) continue;
    const rest = places.filter((i) => !((mask >> i) & 1));
    shares.push(superiority(chosen, rest, 'maximize').share);
  }
  const deviation = Math.sqrt(shares.reduce((sum, share) => sum + (share - 0.5) ** 2, 0) / shares.length);
  const best = superiority([5, 6, 7], [1, 2, 3, 4], 'maximize');
  expect(best.deviations).toBeCloseTo(0.5 / deviation, 12);
});
