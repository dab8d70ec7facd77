/** The subsets of `picks` of 0..inputs-1, each ascending, in lexicographic order. */
export function subsets(inputs: number, picks: number): number[][] {
  const all: number[][] = [];
  const extend = (chosen: readonly number[], next: number): void => {
    if (chosen.length === picks) all.push([...chosen]);
    else for (let i = next; i < inputs; ++i) extend([...chosen, i], i + 1);
  };
  extend([], 0);
  return all;
}

/** How many there are; a double. */
export function binomial(inputs: number, picks: number): number {
  let count = 1;
  for (let i = 1; i <= picks; ++i) count = (count * (inputs - picks + i)) / i;
  return Math.round(count);
}
