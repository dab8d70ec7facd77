// A search space compiled to one graph that genes decide (see src/space/types.ts), and what follows from it: the
// feature rows and adjacencies of discrete architectures.  What is valid and what is equal is Space's.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "graph.h"
#include "value_set.h"

namespace optiproxy {

enum class GeneKind : uint8_t {
  kChoice,  // one of `choices`: logits alpha (choices)
  kBit,     // a free edge: one logit beta
  kSubset,  // `picks` of `inputs`, in lexicographic order of the members: logits beta (inputs)
};

/// One variable: one byte of an architecture.
struct Gene {
  GeneKind kind = GeneKind::kChoice;
  int choices = 0;        // values that can be drawn
  bool optional = false;  // may also be absent: the value `choices`
  int parent = -1;        // active only while this gene has one of `when`; parents come first
  ValueSet when;
  int distinct = -1;  // an earlier gene whose value, and those that it is distinct from, this one must not have
  int inputs = 0, picks = 0;
  int node = -1;  // absent where this node is pruned away

  int values() const { return choices + (optional ? 1 : 0); }
  int logits() const { return kind == GeneKind::kChoice ? choices : kind == GeneKind::kBit ? 1 : inputs; }
};

struct NodeFeature {
  int32_t node;
  int32_t feature;
};

/// The node's row has a one in columns[value], or in the program's `absent` where the gene is.
struct FeatureUse {
  int gene;
  int node;
  std::vector<int32_t> columns;  // (choices)
};

/// There while the gene has one of `values`, or always where gene is -1.  Edges between the same nodes exclude each
/// other.  `role` tells the inputs of `to` apart while `ordered_by` has one of `ordered`.
struct Edge {
  int32_t from;
  int32_t to;
  int gene = -1;
  ValueSet values{};
  int role = 0;
  int ordered_by = -1;
  ValueSet ordered{};

  bool present(const uint8_t* genes) const { return gene < 0 || values.contains(genes[gene]); }
};

struct GraphProgram {
  int nodes = 0;            // N
  int features = 0;         // F
  int absent = -1;          // feature column of a gene that is absent
  std::vector<Gene> genes;  // (G)
  std::vector<NodeFeature> fixed_features;
  std::vector<FeatureUse> feature_uses;
  std::vector<Edge> edges;

  /// G, bytes of an architecture.
  int gene_count() const { return static_cast<int>(genes.size()); }
  int values(int gene) const { return genes[static_cast<size_t>(gene)].values(); }
  /// Logits of all choices, and of all bits and subsets, of one architecture.
  int alpha_width() const;
  int beta_width() const;
  /// Whether no gene decides an edge.
  bool shared_topology() const;
  /// (E) places from * N + to of the adjacency that genes decide, ascending, each once.
  std::vector<int32_t> free_edges() const;

  /// Throws INVALID_ARGUMENT naming what is wrong.
  void check() const;
  /// Throws INVALID_ARGUMENT unless genes is whole architectures with every gene in range.
  void check_genes(std::span<const uint8_t> genes) const;

  /// (N, N) of an architecture (G); with null genes that of the edges that are always there.
  void fill_adjacency(const uint8_t* genes, float* adjacency) const;
  /// normalise_adjacency of an architecture; edges must be in the order of `from` (Space sorts them).
  void fill_topology(const uint8_t* genes, float* out, float* back) const;
  /// (N, F) of what never changes, zeros elsewhere.
  void fill_fixed_features(float* x) const;
  /// Column of a use's node for a gene's value.
  int32_t column(const FeatureUse& use, int value) const {
    const auto v = static_cast<size_t>(value);
    return v < use.columns.size() ? use.columns[v] : absent;
  }
  /// Discrete architectures (n, G) as graphs.
  GraphBatch encode(std::span<const uint8_t> architectures) const;
};

/// The members of every subset of a gene (choices, picks), in the order of its values.
std::vector<uint8_t> subset_members(int inputs, int picks);

}  // namespace optiproxy
