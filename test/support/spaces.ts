import { edgeCellSpace } from '../../src/space/cell.js';
import type { SearchSpace } from '../../src/space/types.js';

/** Eight architectures: small enough to exhaust. */
export function tinySpace(): SearchSpace {
  return edgeCellSpace({
    id: 'tiny',
    description: 'three edges, two operations',
    cellNodes: 3,
    operations: ['a', 'b'],
  });
}

/** Every gene vector of a small space, in counting order. */
export function allGenes(space: SearchSpace): Uint8Array[] {
  const choices = space.operations.length;
  return Array.from({ length: space.size }, (_, index) =>
    Uint8Array.from(space.edges, (_edge, e) => Math.floor(index / choices ** e) % choices),
  );
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
