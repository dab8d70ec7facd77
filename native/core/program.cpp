#include "program.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>

#include "error.h"

namespace optiproxy {

double GraphProgram::count() const {
  const double n =
      std::pow(static_cast<double>(choices), variables()) * std::pow(2.0, static_cast<double>(free_edges.size()));
  return n <= 0x1p53 ? n : INFINITY;
}

void GraphProgram::write_numbered(uint64_t number, uint8_t* architecture) const {
  for (int g = 0; g < genes(); ++g) {
    const auto bound = static_cast<uint64_t>(values(g));
    architecture[g] = static_cast<uint8_t>(number % bound);
    number /= bound;
  }
}

void GraphProgram::check() const {
  require(nodes >= 1 && nodes <= 256, "program.nodes: expected 1..256, given " + std::to_string(nodes));
  require(features >= 1 && features <= 4096, "program.features: expected 1..4096, given " + std::to_string(features));
  require(choices >= 1 && choices <= 255, "program.choices: expected 1..255, given " + std::to_string(choices));
  require(genes() >= 1 && genes() <= 4096, "program: expected 1..4096 genes, given " + std::to_string(genes()));
  require(choice_features.size() == static_cast<size_t>(choices),
          "program.choiceFeatures: expected one for each choice");
  auto node_ok = [&](int32_t node) { return node >= 0 && node < nodes; };
  auto feature_ok = [&](int32_t feature) { return feature >= 0 && feature < features; };
  require(std::ranges::all_of(choice_features, feature_ok), "program.choiceFeatures: a feature is out of range");
  require(std::ranges::all_of(variable_nodes, node_ok), "program.variableNodes: a node is out of range");
  for (const NodeFeature& f : fixed_features) {
    require(node_ok(f.node) && feature_ok(f.feature), "program.fixedFeatures: a node or feature is out of range");
  }
  std::set<int32_t> variable(variable_nodes.begin(), variable_nodes.end());
  require(variable.size() == variable_nodes.size(), "program.variableNodes: a node stands twice");
  for (const NodeFeature& f : fixed_features) {
    require(!variable.contains(f.node), "program.fixedFeatures: node " + std::to_string(f.node) + " is variable");
  }
  std::set<std::pair<int32_t, int32_t>> seen;
  for (const auto* edges : {&fixed_edges, &free_edges}) {
    for (const Edge& e : *edges) {
      require(node_ok(e.from) && node_ok(e.to) && e.from != e.to, "program: an edge is out of range or a loop");
      require(seen.emplace(e.from, e.to).second,
              "program: the edge " + std::to_string(e.from) + " -> " + std::to_string(e.to) + " stands twice");
    }
  }
}

void GraphProgram::check_genes(std::span<const uint8_t> all) const {
  const auto g = static_cast<size_t>(genes());
  require(all.size() % g == 0,
          "genes: expected a multiple of " + std::to_string(g) + " bytes, given " + std::to_string(all.size()));
  for (size_t i = 0; i < all.size(); i += g) {
    for (size_t gene = 0; gene < g; ++gene) {
      const int given = all[i + gene], bound = values(static_cast<int>(gene));
      if (given < bound) continue;  // no message is made where none is needed: this runs for every candidate
      fail("genes: gene " + std::to_string(gene) + " of architecture " + std::to_string(i / g) + ": expected 0.." +
           std::to_string(bound - 1) + ", given " + std::to_string(given));
    }
  }
}

void GraphProgram::fill_adjacency(const float* free_weights, float* adjacency) const {
  const auto n = static_cast<size_t>(nodes);
  std::fill_n(adjacency, n * n, 0.0f);
  for (const Edge& e : fixed_edges) adjacency[e.from * nodes + e.to] = 1;
  for (size_t i = 0; i < free_edges.size(); ++i)
    adjacency[free_edges[i].from * nodes + free_edges[i].to] = free_weights[i];
}

void GraphProgram::fill_fixed_features(float* x) const {
  std::fill_n(x, static_cast<size_t>(nodes) * static_cast<size_t>(features), 0.0f);
  for (const NodeFeature& f : fixed_features) x[f.node * features + f.feature] = 1;
}

GraphBatch GraphProgram::encode(std::span<const uint8_t> all) const {
  const auto g = static_cast<size_t>(genes()), v = static_cast<size_t>(variables());
  const size_t count = all.size() / g;
  const auto n = static_cast<size_t>(nodes), f = static_cast<size_t>(features);
  GraphBatch batch{.graphs = static_cast<int>(count),
                   .nodes = nodes,
                   .features = features,
                   .shared_topology = free_edges.empty(),
                   .x = std::vector<float>(count * n * f),
                   .out = {},
                   .back = {},
                   .sizes = std::vector<int32_t>(count, nodes)};
  const size_t topologies = batch.shared_topology ? 1 : count;
  batch.out.resize(topologies * n * n);
  batch.back.resize(topologies * n * n);
  std::vector<float> adjacency(n * n), weights(free_edges.size());
  for (size_t i = 0; i < topologies; ++i) {
    for (size_t e = 0; e < weights.size(); ++e) weights[e] = all[i * g + v + e];
    fill_adjacency(weights.data(), adjacency.data());
    normalise_adjacency(nodes, adjacency.data(), batch.out.data() + i * n * n, batch.back.data() + i * n * n);
  }
  std::vector<float> fixed(n * f);
  fill_fixed_features(fixed.data());
  for (size_t i = 0; i < count; ++i) {
    float* x = batch.x.data() + i * n * f;
    std::copy(fixed.begin(), fixed.end(), x);
    for (size_t k = 0; k < v; ++k) {
      x[static_cast<size_t>(variable_nodes[k]) * f + static_cast<size_t>(choice_features[all[i * g + k]])] = 1;
    }
  }
  return batch;
}

}  // namespace optiproxy
