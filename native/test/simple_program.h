// The plainest kind of space, as most tests want it: nodes that all have the same choices, edges that are fixed or
// free.
#pragma once

#include <vector>

#include "../core/space.h"

namespace optiproxy::test {

/// Genes: the operation of every variable node, then a bit for every free edge.
struct SimpleProgram {
  int nodes = 0;                         // N
  int features = 0;                      // F
  int choices = 0;                       // K, operations of a variable node
  std::vector<int32_t> variable_nodes;   // (V)
  std::vector<int32_t> choice_features;  // (K) feature column of each operation
  std::vector<NodeFeature> fixed_features;
  std::vector<Edge> fixed_edges;
  std::vector<Edge> free_edges;  // (E)

  int variables() const { return static_cast<int>(variable_nodes.size()); }
  int genes() const { return static_cast<int>(variable_nodes.size() + free_edges.size()); }
  int values(int gene) const { return gene < variables() ? choices : 2; }
  GraphProgram graph() const;
  Space space() const { return Space(graph()); }
  operator GraphProgram() const { return space().graph(); }
  operator Space() const { return space(); }
  void check() const { graph().check(); }
  double count() const { return space().count(); }
  GraphBatch encode(std::span<const uint8_t> genes) const { return space().graph().encode(genes); }
};

}  // namespace optiproxy::test
