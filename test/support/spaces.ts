import { defineSpace } from '../../src/space/index.js';
import type { SearchSpace } from '../../src/space/types.js';

/** A space of one cell with operations on its edges; `|a~0|+|b~0|a~1|` as NAS-Bench-201 writes it. */
export function edgeCellSpace(cell: {
  id: string;
  description?: string;
  cellNodes: number;
  operations: readonly string[];
}): SearchSpace {
  const groups: string[] = [];
  for (let to = 1; to < cell.cellNodes; ++to)
    groups.push(`|${Array.from({ length: to }, (_, from) => `{${from}-${to}}~${from}|`).join('')}`);
  return defineSpace({
    schema: 1,
    id: cell.id,
    description: cell.description || 'a space of tests',
    cells: { cell: { on: 'edges', vertices: cell.cellNodes, operations: [...cell.operations] } },
    text: groups.join('+'),
  });
}

/** Eight architectures: small enough to exhaust. */
export function tinySpace(): SearchSpace {
  return edgeCellSpace({
    id: 'tiny',
    description: 'three edges, two operations',
    cellNodes: 3,
    operations: ['a', 'b'],
  });
}

/** Every gene vector of a small space whose variables are all independent, in counting order. */
export function allGenes({ size, program }: SearchSpace): Uint8Array[] {
  return Array.from({ length: size }, (_, index) => {
    let rest = index;
    return Uint8Array.from(program.genes, ({ choices }) => {
      const value = rest % choices;
      rest = Math.floor(rest / choices);
      return value;
    });
  });
}

/** 60 million architectures: more than any history holds. */
export function largeSpace(): SearchSpace {
  return edgeCellSpace({
    id: 'large',
    description: 'ten edges, six operations',
    cellNodes: 5,
    operations: ['none', 'skip_connect', 'nor_conv_1x1', 'nor_conv_3x3', 'avg_pool_3x3', 'max_pool_3x3'],
  });
}
