// Relaxed and discrete architectures of any program as graphs, in plain loops.
#include <cmath>

#include "reference.h"

namespace optiproxy::test {
namespace {

/// Every way to pick `picks` of the inputs from `first` on, lexicographically.
void list_subsets(int first, int inputs, int picks, std::vector<int> chosen, std::vector<std::vector<int>>& all) {
  if (picks == 0) return all.push_back(chosen);
  for (int next = first; next < inputs; ++next) {
    chosen.push_back(next);
    list_subsets(next + 1, inputs, picks - 1, chosen, all);
    chosen.pop_back();
  }
}

Numbers softmax(const Numbers& logits) {
  Numbers p;
  double sum = 0;
  for (double logit : logits) sum += std::exp(logit);
  for (double logit : logits) p.push_back(std::exp(logit) / sum);
  return p;
}

Numbers chances_of(const Gene& gene, const double* logit, double tau) {
  if (gene.kind == GeneKind::kBit) return softmax({0, logit[0] / tau});
  Numbers sums;
  if (gene.kind == GeneKind::kChoice) {
    for (int v = 0; v < gene.choices; ++v) sums.push_back(logit[v] / tau);
    return softmax(sums);
  }
  std::vector<std::vector<int>> subsets;
  list_subsets(0, gene.inputs, gene.picks, {}, subsets);
  for (const auto& members : subsets) {
    double sum = 0;
    for (int member : members) sum += logit[member];
    sums.push_back(sum / tau);
  }
  return softmax(sums);
}

Graphs empty_graphs(const GraphProgram& program, size_t count) {
  const auto n = static_cast<size_t>(program.nodes), f = static_cast<size_t>(program.features);
  Graphs graphs{.graphs = static_cast<int>(count),
                .nodes = program.nodes,
                .features = program.features,
                .adjacency = Numbers(count * n * n, 0.0),
                .x = Numbers(count * n * f, 0.0),
                .sizes = std::vector<int32_t>(count, program.nodes)};
  for (size_t i = 0; i < count; ++i) {
    for (const NodeFeature& fixed : program.fixed_features)
      graphs.x[(i * n + static_cast<size_t>(fixed.node)) * f + static_cast<size_t>(fixed.feature)] = 1;
  }
  return graphs;
}

double& feature_at(Graphs& graphs, size_t graph, int node, int feature) {
  return graphs.x[(graph * static_cast<size_t>(graphs.nodes) + static_cast<size_t>(node)) *
                      static_cast<size_t>(graphs.features) +
                  static_cast<size_t>(feature)];
}

double& edge_at(Graphs& graphs, size_t graph, const Edge& edge) {
  const auto n = static_cast<size_t>(graphs.nodes);
  return graphs.adjacency[(graph * n + static_cast<size_t>(edge.from)) * n + static_cast<size_t>(edge.to)];
}

}  // namespace

Chances reference_chances(const GraphProgram& program, const double* alpha, const double* beta, double tau) {
  Chances chances;
  std::vector<Numbers> values;
  for (const Gene& gene : program.genes) {
    const double*& logit = gene.kind == GeneKind::kChoice ? alpha : beta;
    values.push_back(chances_of(gene, logit, tau));
    logit += gene.kind == GeneKind::kChoice ? gene.choices : gene.kind == GeneKind::kBit ? 1 : gene.inputs;
    double active = 1;
    if (gene.parent >= 0) {
      const auto parent = static_cast<size_t>(gene.parent);
      double wakes = 0;
      for (size_t v = 0; v < values[parent].size(); ++v)
        wakes += gene.when.contains(static_cast<int>(v)) ? values[parent][v] : 0;
      active = chances.active[parent] * wakes;
    }
    chances.active.push_back(active);
    chances.values.insert(chances.values.end(), values.back().begin(), values.back().end());
  }
  return chances;
}

Graphs reference_relax_general(const GraphProgram& program, const Numbers& alpha, const Numbers& beta, double tau) {
  const auto a = static_cast<size_t>(program.alpha_width()), b = static_cast<size_t>(program.beta_width());
  const size_t r = a > 0 ? alpha.size() / a : beta.size() / b;
  Graphs graphs = empty_graphs(program, r);
  std::vector<size_t> first;
  size_t total = 0;
  for (const Gene& gene : program.genes) {
    first.push_back(total);
    total += static_cast<size_t>(gene.choices);
  }
  for (size_t i = 0; i < r; ++i) {
    const Chances chances = reference_chances(program, alpha.data() + i * a, beta.data() + i * b, tau);
    // Probability that the gene is there and has the value.
    auto chance = [&](int gene, int value) {
      const auto g = static_cast<size_t>(gene);
      return chances.active[g] * chances.values[first[g] + static_cast<size_t>(value)];
    };
    for (const FeatureUse& use : program.feature_uses) {
      for (size_t v = 0; v < use.columns.size(); ++v)
        feature_at(graphs, i, use.node, use.columns[v]) += chance(use.gene, static_cast<int>(v));
      const double gone = 1 - chances.active[static_cast<size_t>(use.gene)];
      if (program.absent >= 0) feature_at(graphs, i, use.node, program.absent) += gone;
    }
    for (const Edge& edge : program.edges) {
      double weight = edge.gene < 0 ? 1 : 0;
      for (int v = 0; edge.gene >= 0 && v < program.genes[static_cast<size_t>(edge.gene)].choices; ++v)
        weight += edge.values.contains(v) ? chance(edge.gene, v) : 0;
      edge_at(graphs, i, edge) += weight;
    }
  }
  return graphs;
}

Graphs reference_graphs(const GraphProgram& program, const std::vector<uint8_t>& genes) {
  const size_t g = program.genes.size(), count = genes.size() / g;
  Graphs graphs = empty_graphs(program, count);
  for (size_t i = 0; i < count; ++i) {
    auto value = [&](int gene) { return int{genes[i * g + static_cast<size_t>(gene)]}; };
    for (const FeatureUse& use : program.feature_uses) {
      const int v = value(use.gene);
      const bool there = v < program.genes[static_cast<size_t>(use.gene)].choices;
      feature_at(graphs, i, use.node, there ? use.columns[static_cast<size_t>(v)] : program.absent) += 1;
    }
    for (const Edge& edge : program.edges) {
      if (edge.gene < 0 || edge.values.contains(value(edge.gene))) edge_at(graphs, i, edge) = 1;
    }
  }
  return graphs;
}

}  // namespace optiproxy::test
