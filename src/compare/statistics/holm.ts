/**
 * p-values adjusted for being a family (Holm 1979): rejecting those at most α keeps the chance of any false rejection in the
 * family at most α, whatever depends on what.  In the order given.
 */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, i) => i).sort((i, j) => ps[i]! - ps[j]!);
  const adjusted = new Array<number>(ps.length);
  let least = 0;
  order.forEach((i, place) => {
    least = Math.max(least, Math.min(1, (ps.length - place) * ps[i]!));
    adjusted[i] = least;
  });
  return adjusted;
}
