/** One variable of a space: one byte of an architecture. */
export interface Gene {
  /** Name of the variable, as errors, listings and the assignment form print it. */
  readonly name: string;
  /**
   * `choice`: one of `choices` operations or sizes, logits α (choices).
   * `bit`: a free edge, 1 where it is there, a single logit β.
   * `subset`: `picks` of `inputs` inputs, in lexicographic order of their ascending members, logits β (inputs).
   */
  readonly kind: 'choice' | 'bit' | 'subset';
  /** Values that can be drawn: 0..choices-1. */
  readonly choices: number;
  /** Text of each value, as listings print it. */
  readonly values: readonly string[];
  /** Whether the gene can also be absent, which is the value `choices`. */
  readonly optional: boolean;
  /** Gene that decides whether this one is active, or -1; absent while inactive. */
  readonly parent: number;
  /** Values of the parent under which this gene is active. */
  readonly when: readonly number[];
  /** An earlier gene that must have another value, as must the one that it differs from in turn; -1 for none. */
  readonly distinct: number;
  /** n and k of a subset; 0 else. */
  readonly inputs: number;
  readonly picks: number;
  /** Node that the gene belongs to: where that is pruned away the gene counts as absent.  -1 for none. */
  readonly node: number;
}

/** A node's feature row has a one in `columns[value]` of a gene. */
export interface FeatureUse {
  readonly gene: number;
  readonly node: number;
  /** (choices) */
  readonly columns: Int32Array;
}

/** An edge that is there while a gene has one of some values, or always.  Edges between the same nodes must exclude each other. */
export interface Edge {
  readonly from: number;
  readonly to: number;
  /** -1: always there. */
  readonly gene: number;
  readonly values: readonly number[];
  /** Which input of `to` the edge is, 1, 2...; it tells architectures apart while `orderedBy` has one of `ordered`. */
  readonly role: number;
  /** -1: the order of inputs never matters. */
  readonly orderedBy: number;
  readonly ordered: readonly number[];
}

/** Nodes that are pruned and constrained as one; at most 64. */
export interface Section {
  readonly name: string;
  /** Nodes `first`..`first + nodes - 1` of the graph. */
  readonly first: number;
  readonly nodes: number;
  /** Nodes where paths start and end. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Whether nodes that are on no path from an input to an output are taken away. */
  readonly prune: boolean;
  /** Whether an output must be reachable from an input. */
  readonly connected: boolean;
  /** Bounds on edges (after pruning) and on the incoming edges of every node but the inputs; -1 for none. */
  readonly maxEdges: number;
  readonly minInDegree: number;
  readonly maxInDegree: number;
  /** Nodes that must not be pruned away. */
  readonly required: readonly number[];
  /** Pairs (input, output) of which both or neither must be there after pruning. */
  readonly pairs: readonly (readonly [number, number])[];
  /** Nodes that exist only while a gene has one of these values. */
  readonly presence: readonly { readonly node: number; readonly gene: number; readonly values: readonly number[] }[];
}

/** A constraint: of these (gene, values), at least `min` and at most `max` hold. */
export interface ValueCount {
  readonly name: string;
  readonly terms: readonly { readonly gene: number; readonly values: readonly number[] }[];
  readonly min: number;
  readonly max: number;
}

/** A cell whose vertices sum what arrives on their edges, each edge carrying the operation of a gene. */
export interface EdgeCell {
  readonly vertices: number;
  /** (triples) from, to, gene; by `to`, then by `from`. */
  readonly edges: Int32Array;
  /** Values that mean zero and the identity; -1 for none. */
  readonly zero: number;
  readonly identity: number;
  /** (choices) rank of each value's name among the names in ascending order. */
  readonly ranks: Int32Array;
}
