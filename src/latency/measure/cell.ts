import { OptiProxyError } from '../../errors.js';
import { native } from '../../native.js';
import { textsOf, validGenes } from '../../space/explore.js';
import type { EdgeCell } from '../../space/program.js';
import type { SearchSpace } from '../../space/types.js';

/** Operations of NAS-Bench-201, of which networks are built. */
export const operations = ['none', 'skip_connect', 'nor_conv_1x1', 'nor_conv_3x3', 'avg_pool_3x3'] as const;
export type Operation = (typeof operations)[number];

/** An edge of a cell that has an effect on its output. */
export interface CellEdge {
  readonly from: number;
  readonly to: number;
  readonly operation: Exclude<Operation, 'none'>;
}

/** Vertices of the cell: the first is its input, the last its output. */
export const VERTICES = 4;

/** Asserts that a space is one cell as NAS-Bench-201's, of some of its operations. */
export function checkCellSpace({ id, program }: SearchSpace): void {
  const { edgeCells, genes } = program;
  const known = genes.every(({ values }) => values.every((name) => (operations as readonly string[]).includes(name)));
  if (edgeCells.length === 1 && edgeCells[0]!.vertices === VERTICES && genes.length === 6 && known) return;
  throw new OptiProxyError('INVALID_ARGUMENT', {
    what: 'space',
    expected: `one cell of ${VERTICES} vertices with ${operations.join(', ')} on its edges`,
    given: id,
    hint: 'digits201, nasbench201, or a space file with that cell',
  });
}

/**
 * The edges of an architecture that have an effect, by the vertex they end at, then by the one they start from: those that
 * are not `none`, on a path from the input to the output.  None where there is no path.
 */
export function effectiveEdges({ program }: SearchSpace, genes: Uint8Array): CellEdge[] {
  const { edges } = program.edgeCells[0]!;
  const all = Array.from({ length: edges.length / 3 }, (_, i) => {
    const [from, to, gene] = edges.subarray(3 * i, 3 * i + 3) as unknown as [number, number, number];
    return { from, to, operation: program.genes[gene]!.values[genes[gene]!] as Operation };
  }).filter((edge): edge is CellEdge => edge.operation !== 'none');
  // Edges go from lower to higher vertices and stand in the order of their ends: one pass each way finds every path.
  const reached = new Set([0]);
  const forward = all.filter(({ from, to }) => reached.has(from) && reached.add(to));
  const used = new Set([VERTICES - 1]);
  return forward
    .reverse()
    .filter(({ from, to }) => used.has(to) && used.add(from))
    .reverse();
}

/** Architectures of which no two compute the same, one for every computation there is, in an order that follows from the seed. */
export function distinctComputations(space: SearchSpace, seed: number): string[] {
  // What none and skip_connect do is known here, whatever a file says of them.
  const [cell] = space.program.edgeCells as [EdgeCell];
  const { values } = space.program.genes[0]!;
  const edgeCells = [{ ...cell, zero: values.indexOf('none'), identity: values.indexOf('skip_connect') }];
  const program = { ...space.program, edgeCells, isomorphism: 'computation' as const };
  const pool = new (native().Pool)(program);
  try {
    pool.add(validGenes(space, new (native().Space)(program).enumerate(0, space.size)));
    return textsOf(space, pool.shuffled(seed, 0));
  } finally {
    pool.close();
  }
}
