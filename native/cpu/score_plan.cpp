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
  // What can follow each node, and the genes of its free edges.
  std::vector<Genes> follows(n), free_from(n);
  for (const auto* edges : {&program.fixed_edges, &program.free_edges}) {
    for (const Edge& e : *edges) follows[static_cast<size_t>(e.from)].insert(e.to);
  }
  for (size_t e = 0; e < program.free_edges.size(); ++e) {
    free_from[static_cast<size_t>(program.free_edges[e].from)].insert(program.variables() + static_cast<int>(e));
  }
  std::array<std::vector<Genes>, 2> weights{std::vector<Genes>(n), std::vector<Genes>(n)};
  for (Direction d : {kOut, kBack}) sources[d].resize(n);
  for (size_t from = 0; from < n; ++from) {
    // A row of `out` is divided by its sum: all of the node's free edges decide it; `back` inherits that.
    join(weights[kOut][from], free_from[from]);
    join(weights[kBack][from], free_from[from]);
    for (int to : follows[from]) join(weights[kBack][static_cast<size_t>(to)], free_from[from]);
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
  for (int v = 0; v < program.variables(); ++v) {
    input[static_cast<size_t>(program.variable_nodes[static_cast<size_t>(v)])].insert(v);
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
