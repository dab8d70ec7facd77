// A section of an architecture's graph, pruned and constrained, by one thread of any device.
#pragma once

#include "host_device.h"
#include "value_set.h"

namespace optiproxy {

/// Why a section refuses an architecture.
enum class SectionFault : uint8_t { kNone, kDisconnected, kTooManyEdges, kInDegree, kRequired, kPairs, kAbsentInput };

/// Nodes are numbered from the section's first; bit i of a mask is node i.  Pointers are to what a SectionRules owns,
/// or to a device's copy of it.
struct SectionView {
  struct Edge {
    int32_t from, to;
    int32_t gene;  // -1: always there
    bool chosen;   // by a choice or a subset
    ValueSet values;
  };
  struct Presence {
    int32_t node, gene;
    ValueSet values;
  };
  struct Pair {
    int32_t in, out;
  };
  struct Owned {
    int32_t gene;
    uint8_t otherwise;
    uint64_t nodes;  // all of which must be alive
  };
  int32_t nodes;
  bool prune, connected;
  bool constrains, normalises;
  int32_t max_edges, min_in_degree, max_in_degree;
  uint64_t all, inputs, outputs, required, bounded;
  int32_t edges, presences, pairs, owned;
  const Edge* edge;
  const Presence* presence;
  const Pair* pair;
  const Owned* own;
};

/// Masks of a section's nodes, `stride` apart.
struct NodeMasks {
  uint64_t* data;
  int64_t stride;
  OPTIPROXY_HOST_DEVICE uint64_t& operator[](int node) const { return data[node * stride]; }
};

/// One architecture's part of the graph.
struct SectionMasks {
  uint64_t alive;
  bool reached;       // an output from an input
  NodeMasks in, out;  // of every node, among the nodes that are alive
  NodeMasks chosen;   // inputs that a choice or subset names, alive or not
};

namespace lane {

OPTIPROXY_HOST_DEVICE void read(const SectionView& s, const uint8_t* genes, SectionMasks& graph) {
  for (int i = 0; i < s.nodes; ++i) graph.in[i] = graph.out[i] = graph.chosen[i] = 0;
  uint64_t exists = s.all;
  for (int i = 0; i < s.presences; ++i) {
    const SectionView::Presence& p = s.presence[i];
    if (!p.values.contains(genes[p.gene])) exists &= ~(uint64_t{1} << p.node);
  }
  for (int i = 0; i < s.edges; ++i) {
    const SectionView::Edge& edge = s.edge[i];
    if (edge.gene >= 0 && !edge.values.contains(genes[edge.gene])) continue;
    graph.in[edge.to] |= uint64_t{1} << edge.from;
    graph.out[edge.from] |= uint64_t{1} << edge.to;
    if (edge.chosen) graph.chosen[edge.to] |= uint64_t{1} << edge.from;
  }
  uint64_t forward = s.inputs & exists, backward = s.outputs & exists;
  for (int i = 0; i < s.nodes; ++i) {
    if (graph.in[i] & forward) forward |= exists & uint64_t{1} << i;
  }
  for (int i = s.nodes; i-- > 0;) {
    if (graph.out[i] & backward) backward |= exists & uint64_t{1} << i;
  }
  graph.reached = (forward & s.outputs) != 0;
  graph.alive = s.prune ? forward & backward : exists;
  for (int i = 0; i < s.nodes; ++i) {
    const uint64_t keep = graph.alive >> i & 1 ? graph.alive : 0;
    graph.in[i] &= keep;
    graph.out[i] &= keep;
  }
}

OPTIPROXY_HOST_DEVICE SectionFault fault(const SectionView& s, const SectionMasks& graph) {
  if (s.connected && !graph.reached) return SectionFault::kDisconnected;
  if ((s.required & ~graph.alive) != 0) return SectionFault::kRequired;
  for (int i = 0; i < s.pairs; ++i) {
    if ((graph.alive >> s.pair[i].in & 1) != (graph.alive >> s.pair[i].out & 1)) return SectionFault::kPairs;
  }
  int edges = 0;
  for (int i = 0; i < s.nodes; ++i) {
    if ((graph.alive >> i & 1) == 0) continue;
    const int in = bit_count(graph.in[i]);
    edges += in;
    if ((graph.chosen[i] & ~graph.alive) != 0) return SectionFault::kAbsentInput;
    if ((s.bounded >> i & 1) == 0) continue;
    if (in < s.min_in_degree || (s.max_in_degree >= 0 && in > s.max_in_degree)) return SectionFault::kInDegree;
  }
  if (s.max_edges >= 0 && edges > s.max_edges) return SectionFault::kTooManyEdges;
  return SectionFault::kNone;
}

/// Marks the genes of what was pruned away as absent, and bits of its edges as 0.
OPTIPROXY_HOST_DEVICE void normalise(const SectionView& s, uint64_t alive, uint8_t* genes) {
  for (int i = 0; i < s.owned; ++i) {
    const SectionView::Owned& o = s.own[i];
    if ((alive & o.nodes) != o.nodes) genes[o.gene] = o.otherwise;
  }
}

}  // namespace lane
}  // namespace optiproxy
