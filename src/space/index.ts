import { checkName } from '../errors.js';
import { edgeCellSpace } from './cell.js';
import type { SearchSpace } from './types.js';

/** The five operations of NAS-Bench-201 (Dong & Yang 2020), in the benchmark's order. */
const operations = ['none', 'skip_connect', 'nor_conv_1x1', 'nor_conv_3x3', 'avg_pool_3x3'] as const;

/** The built-in search spaces. */
export const spaces = {
  /** Digits-201: the cells of NAS-Bench-201, each really trained on 8x8 handwritten digits; its table ships in the package. */
  digits201: (): SearchSpace =>
    edgeCellSpace({
      id: 'digits201',
      description: 'NAS-Bench-201 cells trained on 8x8 handwritten digits; the table ships in the package',
      cellNodes: 4,
      operations,
    }),
  /** NAS-Bench-201: cells of four nodes and six edges, five operations an edge; architecture strings as the benchmark writes them. */
  nasbench201: (): SearchSpace =>
    edgeCellSpace({
      id: 'nasbench201',
      description: 'cells of four nodes, five operations on each of six edges (Dong & Yang 2020)',
      cellNodes: 4,
      operations,
    }),
};

export type SpaceName = keyof typeof spaces;
export const spaceNames = Object.keys(spaces) as SpaceName[];

/** A built-in space by name.  Throws `UNKNOWN_NAME`. */
export function spaceByName(name: string, what = 'space'): SearchSpace {
  return spaces[checkName(what, name, spaceNames)]();
}

export { edgeCellSpace };
