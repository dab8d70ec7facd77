import { createHash } from 'node:crypto';
import { coreOf } from './explore.js';
import { builtIn } from './load.js';

const VERTICES = 7;
const INNER = VERTICES - 2;

/** A cell without the vertices that are on no path from the input to the output. */
export interface PrunedCell {
  /** Adjacency, upper triangular: 1 for an edge. */
  readonly matrix: readonly (readonly number[])[];
  /** Operation of every vertex: -1 the input, 0 conv3x3, 1 conv1x1, 2 maxpool3x3, -2 the output. */
  readonly labels: readonly number[];
}

/**
 * What NAS-Bench-101 leaves of a cell (Ying et al. 2019, appendix S1): vertices on paths from input to output.  None are
 * left where there is no such path.  Throws `INVALID_ARCHITECTURE`.
 */
export function pruneNasbench101(architecture: string): PrunedCell {
  const space = builtIn('nasbench101');
  const genes = coreOf(space).normalise(space.parse(architecture));
  const adjacency = Array.from({ length: VERTICES }, () => new Array<number>(VERTICES).fill(0));
  let bit = INNER;
  for (let from = 0; from < VERTICES; ++from)
    for (let to = from + 1; to < VERTICES; ++to) adjacency[from]![to] = genes[bit++]!;
  const used = adjacency.map((row, v) => row.includes(1) || adjacency.some((other) => other[v] === 1));
  const kept = [...used.keys()].filter((v) => used[v]);
  const label = (v: number): number => (v === 0 ? -1 : v === VERTICES - 1 ? -2 : genes[v - 1]!);
  return {
    matrix: kept.map((from) => kept.map((to) => adjacency[from]![to]!)),
    labels: kept.map(label),
  };
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/**
 * The key under which NAS-Bench-101 files a cell: MD5 of labels that spread along edges for as many rounds as there are
 * vertices, so that isomorphic cells have the same.  Throws `INVALID_ARCHITECTURE`.
 */
export function nasbench101Hash(architecture: string): string {
  const { matrix, labels } = pruneNasbench101(architecture);
  const vertices = [...labels.keys()];
  const sources = vertices.map((v) => vertices.filter((w) => matrix[w]![v] === 1));
  const targets = vertices.map((v) => vertices.filter((w) => matrix[v]![w] === 1));
  let hashes = vertices.map((v) => md5(`(${targets[v]!.length}, ${sources[v]!.length}, ${labels[v]})`));
  for (let round = 0; round < vertices.length; ++round) {
    const joined = (of: readonly number[]): string =>
      of
        .map((w) => hashes[w]!)
        .sort()
        .join('');
    hashes = vertices.map((v) => md5(`${joined(sources[v]!)}|${joined(targets[v]!)}|${hashes[v]}`));
  }
  return md5(
    `[${hashes
      .sort()
      .map((hash) => `'${hash}'`)
      .join(', ')}]`,
  );
}
