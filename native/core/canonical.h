// Canonical form of a small labelled graph: equal keys if and only if two graphs are isomorphic.
#pragma once

#include <array>
#include <cstdint>

#include "key.h"

namespace optiproxy {

/// Edges of one kind, as masks over at most 64 nodes; only bits of nodes that count are set.
struct EdgeMasks {
  std::array<uint64_t, 64> in, out;
};

struct LabelledGraph {
  uint64_t nodes = 0;              // those that count
  std::array<uint64_t, 64> label;  // of each
  int kinds = 1;                   // kinds of edges
  std::array<EdgeMasks, 4> edges;  // of each kind
};

/// Colour refinement, then individualisation where symmetric nodes are left (McKay & Piperno 2014, in small).
Key canonical_key(const LabelledGraph& graph);

}  // namespace optiproxy
