/**
 * A search space compiled for the native core: one graph whose fixed part never changes, whose variable nodes each take
 * one of `choices` operations, and whose free edges are present or absent.
 *
 * An architecture is a vector of genes, one byte each: first the operation of every variable node (0..choices-1), then
 * one bit for every free edge.  N nodes, F features, V variable nodes, E free edges.
 */
export interface GraphProgram {
  /** N, nodes of the graph. */
  readonly nodes: number;
  /** F, columns of a node's one-hot feature row. */
  readonly features: number;
  /** K, operations a variable node can take. */
  readonly choices: number;
  /** (V) graph node of each operation gene. */
  readonly variableNodes: Int32Array;
  /** (K) feature column of each operation. */
  readonly choiceFeatures: Int32Array;
  /** (pairs) node, feature column of every node that never changes. */
  readonly fixedFeatures: Int32Array;
  /** (pairs) from, to of every edge that is always there. */
  readonly fixedEdges: Int32Array;
  /** (pairs) from, to of every free edge, in the order of its genes. */
  readonly freeEdges: Int32Array;
}

/** A set of architectures that can be searched. */
export interface SearchSpace {
  /** Short name, as `--space` takes it. */
  readonly id: string;
  /** One sentence for listings. */
  readonly description: string;
  /** Number of distinct architectures. */
  readonly size: number;
  /** Names of the operations, in gene order. */
  readonly operations: readonly string[];
  /** (from, to) of the cell's edges, in gene order. */
  readonly edges: readonly (readonly [number, number])[];
  /** The same space for the native core. */
  readonly program: GraphProgram;
  /** Genes of an architecture string.  Throws `INVALID_ARCHITECTURE`, naming the place, if it is not one of this space. */
  parse(architecture: string): Uint8Array;
  /** The string of an architecture, exactly as the benchmark writes it; `parse` of it gives the same genes. */
  format(genes: Uint8Array): string;
}
