#include "graph_flow.h"

#include <algorithm>
#include <vector>

namespace optiproxy {
namespace {

struct Step {
  int32_t from;
  int32_t to;
};

/// Calls f(node, feature) for every feature that an architecture's nodes have.
template <typename F>
void for_features(const GraphProgram& program, const uint8_t* genes, F f) {
  for (const NodeFeature& fixed : program.fixed_features) f(fixed.node, fixed.feature);
  for (const FeatureUse& use : program.feature_uses) {
    const int32_t feature = program.column(use, genes[use.gene]);
    if (feature >= 0) f(use.node, feature);
  }
}

/// Adds the weights of nodes, (discounts, N), for walks along these steps.
void walk(std::span<const Step> steps, std::span<const uint8_t> real, std::span<float> weights) {
  const size_t nodes = real.size();
  std::vector<float> leaving(nodes, 0.0f), now(nodes), next(nodes);
  for (const Step& step : steps) ++leaving[static_cast<size_t>(step.from)];
  for (size_t i = 0; i < nodes; ++i) now[i] = real[i] != 0 && leaving[i] == 0;
  std::array<float, kFlowDiscounts.size()> factors;
  factors.fill(1);
  // No walk in a graph without cycles is longer than its nodes are many.
  for (size_t length = 0; length <= nodes; ++length) {
    for (size_t d = 0; d < factors.size(); ++d) {
      for (size_t i = 0; i < nodes; ++i) weights[d * nodes + i] += factors[d] * now[i];
      factors[d] *= kFlowDiscounts[d];
    }
    std::ranges::fill(next, 0.0f);
    for (const Step& step : steps) {
      const auto from = static_cast<size_t>(step.from), to = static_cast<size_t>(step.to);
      next[from] += now[to] / leaving[from];
    }
    now.swap(next);
    if (std::ranges::all_of(now, [](float v) { return v == 0; })) break;
  }
}

}  // namespace

void graph_flow(const GraphProgram& program, const uint8_t* genes, std::span<float> flow) {
  const auto nodes = static_cast<size_t>(program.nodes), features = static_cast<size_t>(program.features);
  std::vector<uint8_t> real(nodes, 0);
  for_features(program, genes, [&](int32_t node, int32_t) { real[static_cast<size_t>(node)] = 1; });
  std::vector<Step> steps;
  steps.reserve(program.edges.size());
  for (const Edge& edge : program.edges) {
    if (edge.present(genes)) steps.push_back({edge.from, edge.to});
  }
  std::ranges::fill(flow, 0.0f);
  std::vector<float> weights(kFlowDiscounts.size() * nodes);
  for (size_t direction = 0; direction < 2; ++direction) {
    std::ranges::fill(weights, 0.0f);
    walk(steps, real, weights);
    for (size_t d = 0; d < kFlowDiscounts.size(); ++d) {
      float* own = flow.data() + (direction * kFlowDiscounts.size() + d) * features;
      for_features(program, genes, [&](int32_t node, int32_t feature) {
        own[feature] += weights[d * nodes + static_cast<size_t>(node)];
      });
    }
    for (Step& step : steps) std::swap(step.from, step.to);
  }
}

}  // namespace optiproxy
