/** Ranks 1, 2, 3... of items in an order; those that are equal share the average of their ranks. */
export function averageRanks<T>(items: readonly T[], order: (a: T, b: T) => number): number[] {
  const sorted = items.map((_, i) => i).sort((i, j) => order(items[i]!, items[j]!));
  const ranks = new Array<number>(items.length);
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    while (to < sorted.length && order(items[sorted[from]!]!, items[sorted[to]!]!) === 0) ++to;
    for (let i = from; i < to; ++i) ranks[sorted[i]!] = (from + 1 + to) / 2;
  }
  return ranks;
}
