#include "graph_labels.h"

#include <algorithm>
#include <vector>

#include "key.h"

namespace optiproxy {
namespace {

constexpr uint64_t kOutgoing = 0x51, kIncoming = 0xA7;

/// Sums of hashes, so that neither the order of features nor that of neighbours matters.
uint64_t term(uint64_t kind, uint64_t value) { return mix(mix(value) ^ kind); }

}  // namespace

void graph_labels(const GraphProgram& program, const uint8_t* genes, std::span<uint64_t> labels) {
  const auto nodes = static_cast<size_t>(program.nodes);
  std::ranges::fill(labels, 0);
  const auto add_feature = [&](int node, int32_t feature) {
    if (feature >= 0) labels[static_cast<size_t>(node)] += term(0, static_cast<uint64_t>(feature));
  };
  for (const NodeFeature& fixed : program.fixed_features) add_feature(fixed.node, fixed.feature);
  for (const FeatureUse& use : program.feature_uses) add_feature(use.node, program.column(use, genes[use.gene]));
  for (size_t depth = 1; depth < kLabelDepths; ++depth) {
    const uint64_t* before = labels.data() + (depth - 1) * nodes;
    uint64_t* now = labels.data() + depth * nodes;
    for (const Edge& edge : program.edges) {
      if (!edge.present(genes)) continue;
      now[edge.from] += term(kOutgoing, before[edge.to]);
      now[edge.to] += term(kIncoming, before[edge.from]);
    }
    for (size_t node = 0; node < nodes; ++node) now[node] = before[node] == 0 ? 0 : mix(mix(before[node]) + now[node]);
  }
}

}  // namespace optiproxy
