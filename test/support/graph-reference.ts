export interface PlainGraph {
  readonly labels: readonly string[];
  /** from, to, kind. */
  readonly edges: readonly (readonly [number, number, number])[];
}

/** Most orders that are tried. */
const MOST_ORDERS = 500_000;

/** A text that two graphs share if and only if they are isomorphic: the least over all orders of nodes that look alike. */
export function canonicalGraph({ labels, edges }: PlainGraph): string {
  const classes = new Map<string, number[]>();
  refine(labels, edges).forEach((colour, node) => classes.set(colour, [...(classes.get(colour) ?? []), node]));
  const groups = [...classes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, nodes]) => nodes);
  const orders = groups.reduce((n, { length }) => n * factorial(length), 1);
  if (orders > MOST_ORDERS) throw new Error(`${orders} orders are too many`);
  let best: string | undefined;
  for (const order of products(groups.map(permutations))) {
    const place = new Map(order.map((node, i) => [node, i]));
    const lines = edges.map(([from, to, kind]) => `${place.get(from)!}>${place.get(to)!}:${kind}`).sort();
    const text = `${order.map((node) => labels[node]!).join(',')} ${lines.join(' ')}`;
    if (best === undefined || text < best) best = text;
  }
  return best ?? '';
}

/** Colours that tell apart what the labels around a node tell apart, as texts that do not depend on the nodes' order. */
function refine(labels: readonly string[], edges: PlainGraph['edges']): string[] {
  let colours = [...labels];
  for (let distinct = 0; new Set(colours).size > distinct;) {
    distinct = new Set(colours).size;
    const around = colours.map((colour, node) => {
      const before = edges.filter(([, to]) => to === node).map(([from, , kind]) => `${kind}<${colours[from]!}`).sort(); // prettier-ignore
      const after = edges.filter(([from]) => from === node).map(([, to, kind]) => `${kind}>${colours[to]!}`).sort(); // prettier-ignore
      return `${colour};${before.join()};${after.join()}`;
    });
    // Short names, in an order that only the texts decide.
    const names = [...new Set(around)].sort();
    colours = around.map((text) => String(names.indexOf(text)).padStart(3, '0'));
  }
  return colours;
}

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));

function permutations(items: readonly number[]): number[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((first, i) =>
    permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [first, ...rest]),
  );
}

/** Every way to take one list of each, joined. */
function* products(lists: readonly number[][][], before: readonly number[] = []): Generator<number[]> {
  const [first, ...rest] = lists;
  if (first === undefined) yield [...before];
  else for (const list of first) yield* products(rest, [...before, ...list]);
}
