import type { EdgeCell, Edge, FeatureUse, Gene, Section, ValueCount } from './program.js';

/** What counts as the same architecture; each takes more for equal than the one before. */
export const isomorphisms = ['encoding', 'graph', 'skips', 'zeros', 'computation'] as const;
export type Isomorphism = (typeof isomorphisms)[number];

/** The rules that have something to work on: graphs for `graph`, operations on edges alone for those beyond it. */
export function isomorphismsOf({ sections, edgeCells }: Pick<SpaceProgram, 'sections' | 'edgeCells'>): Isomorphism[] {
  if (sections.length === 0) return ['encoding'];
  return edgeCells.length === sections.length ? [...isomorphisms] : ['encoding', 'graph'];
}

/**
 * A search space compiled for the native core: genes, the graph that they decide, and the rules of what is valid and what
 * is equal.  An architecture is a vector of genes, one byte each.  N nodes, F features, G genes.
 */
export interface SpaceProgram {
  /** N, nodes of the graph that the proxy sees. */
  readonly nodes: number;
  /** (N) as drawings show them. */
  readonly nodeNames: readonly string[];
  /** F, columns of a node's feature row. */
  readonly features: number;
  /** Feature column that stands for a gene that is absent; -1 where none can be. */
  readonly absent: number;
  /** (G), parents before the genes that depend on them. */
  readonly genes: readonly Gene[];
  /** (pairs) node, feature column of what never changes. */
  readonly fixedFeatures: Int32Array;
  /** Features that genes decide. */
  readonly featureUses: readonly FeatureUse[];
  readonly edges: readonly Edge[];
  /** Parts of the graph that are pruned and constrained as one. */
  readonly sections: readonly Section[];
  readonly counts: readonly ValueCount[];
  /** Cells with operations on their edges, for the isomorphisms `skips`, `zeros` and `computation`. */
  readonly edgeCells: readonly EdgeCell[];
  readonly isomorphism: Isomorphism;
}

/** A set of architectures that can be searched. */
export interface SearchSpace {
  /** Short name, as `--space` takes it. */
  readonly id: string;
  /** One sentence for listings. */
  readonly description: string;
  /** Where the space comes from. */
  readonly source: string;
  /** Number of encodings (gene vectors) before constraints; a double, exact up to 2^53. */
  readonly size: number;
  /** Rule by which two architectures are the same query. */
  readonly isomorphism: Isomorphism;
  /** The same space for the native core. */
  readonly program: SpaceProgram;
  /** A well-formed architecture, as hints and listings show it. */
  readonly example: string;
  /** Genes of an architecture string.  Throws `INVALID_ARCHITECTURE`, naming the place, if it is not one of this space. */
  parse(architecture: string): Uint8Array;
  /** The string of an architecture, exactly as the benchmark writes it; `parse` of it gives the same genes. */
  format(genes: Uint8Array): string;
  /** Canonical keys (n, 16) of genes (n, G): equal if and only if the architectures are the same by `isomorphism`. */
  keys(genes: Uint8Array): Uint8Array;
}
