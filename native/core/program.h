// A search space compiled to one graph with choices (see src/space/types.ts), and what follows from it: the feature
// rows and adjacencies of discrete architectures.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "graph.h"

namespace optiproxy {

struct Edge {
  int32_t from;
  int32_t to;
};

struct NodeFeature {
  int32_t node;
  int32_t feature;
};

struct GraphProgram {
  int nodes = 0;                         // N
  int features = 0;                      // F
  int choices = 0;                       // K, operations of a variable node
  std::vector<int32_t> variable_nodes;   // (V)
  std::vector<int32_t> choice_features;  // (K) feature column of each operation
  std::vector<NodeFeature> fixed_features;
  std::vector<Edge> fixed_edges;
  std::vector<Edge> free_edges;  // (E)

  int variables() const { return static_cast<int>(variable_nodes.size()); }
  /// G = V + E, bytes of an architecture: operations, then edge bits.
  int genes() const { return static_cast<int>(variable_nodes.size() + free_edges.size()); }
  /// Values that gene g can take.
  int values(int gene) const { return gene < variables() ? choices : 2; }
  /// Number of architectures, or infinity beyond 2^53.
  double count() const;

  /// Writes the genes (G) of architecture `number` of an enumeration, 0..count() - 1; gene 0 changes fastest.
  void write_numbered(uint64_t number, uint8_t* architecture) const;

  /// Throws INVALID_ARGUMENT naming what is wrong.
  void check() const;
  /// Throws INVALID_ARGUMENT unless genes is whole architectures with every gene in range.
  void check_genes(std::span<const uint8_t> genes) const;

  /// (N, N) of the fixed edges, the free edges given by weights (E).
  void fill_adjacency(const float* free_weights, float* adjacency) const;
  /// (N, F) of the nodes that never change, zeros elsewhere.
  void fill_fixed_features(float* x) const;
  /// Discrete architectures (n, G) as graphs.
  GraphBatch encode(std::span<const uint8_t> genes) const;
};

}  // namespace optiproxy
