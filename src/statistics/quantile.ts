/**
 * The `part` quantile (0..1) of numbers, interpolated between neighbours (Hyndman and Fan's type 7); the median at 0.5.
 * Infinity where a neighbour that counts is.
 */
export function quantile(values: ArrayLike<number>, part: number): number {
  const sorted = Float64Array.from(values).sort();
  const at = part * (sorted.length - 1);
  const below = sorted[Math.floor(at)]!;
  const above = sorted[Math.ceil(at)]!;
  return below === above ? below : below + (at - Math.floor(at)) * (above - below);
}
