#include "score_plan.h"

#include <algorithm>
#include <set>

namespace optiproxy::cpu {
namespace {

using Genes = std::set<int>;

void join(Genes& into, const Genes& from) { into.insert(from.begin(), from.end()); }

}  // namespace

ScorePlan::ScorePlan(const GraphProgram& program, int layer_count) {
  const auto n = static_cast<size_t>(program.nodes);
  // What can follow each node, and the genes of the edges that leave it.
  std::vector<Genes> follows(n), decide(n);
  for (const Edge& e : program.edges) {
    follows[static_cast<size_t>(e.from)].insert(e.to);
    if (e.gene >= 0) decide[static_cast<size_t>(e.from)].insert(e.gene);
  }
  std::array<std::vector<Genes>, 2> weights{std::vector<Genes>(n), std::vector<Genes>(n)};
  for (Direction d : {kOut, kBack}) sources[d].resize(n);
  for (size_t from = 0; from < n; ++from) {
    // A row of `out` is divided by its sum: every gene of the node's edges decides it; `back` inherits that.
    join(weights[kOut][from], decide[from]);
    join(weights[kBack][from], decide[from]);
    for (int to : follows[from]) join(weights[kBack][static_cast<size_t>(to)], decide[from]);
    for (Direction d : {kOut, kBack}) sources[d][from].push_back(static_cast<int>(from));
  }
  for (size_t from = 0; from < n; ++from) {
    for (int to : follows[from]) {
      sources[kOut][from].push_back(to);
      sources[kBack][static_cast<size_t>(to)].push_back(static_cast<int>(from));
    }
  }
  for (Direction d : {kOut, kBack}) {
    for (auto& nodes : sources[d]) std::ranges::sort(nodes);
  }

  fixed.resize(n);
  for (const NodeFeature& f : program.fixed_features) {
    auto& columns = fixed[static_cast<size_t>(f.node)];
    if (std::ranges::find(columns, f.feature) == columns.end()) columns.push_back(f.feature);
  }

  std::vector<Genes> input(n);
  uses.resize(n);
  for (size_t i = 0; i < program.feature_uses.size(); ++i) {
    const FeatureUse& use = program.feature_uses[i];
    input[static_cast<size_t>(use.node)].insert(use.gene);
    uses[static_cast<size_t>(use.node)].push_back(static_cast<int>(i));
  }
  for (int l = 0; l < layer_count; ++l) {
    Layer layer;
    std::vector<Genes> output(n);
    for (size_t node = 0; node < n; ++node) {
      for (Direction d : {kOut, kBack}) {
        Genes genes = weights[d][node];
        for (int source : sources[d][node]) join(genes, input[static_cast<size_t>(source)]);
        layer.half[d].push_back(find_or_add(program, {genes.begin(), genes.end()}));
        join(output[node], genes);
      }
      layer.full.push_back(find_or_add(program, {output[node].begin(), output[node].end()}));
    }
    layers.push_back(std::move(layer));
    input = std::move(output);
  }
}

int ScorePlan::find_or_add(const GraphProgram& program, std::vector<int> genes) {
  const auto found = std::ranges::find(sets, genes, &RowGenes::genes);
  if (found != sets.end()) return static_cast<int>(found - sets.begin());
  RowGenes set{std::move(genes)};
  for (int gene : set.genes) set.combinations *= program.values(gene);
  sets.push_back(std::move(set));
  return static_cast<int>(sets.size()) - 1;
}

}  // namespace optiproxy::cpu
