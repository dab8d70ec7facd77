#include "simple_program.h"

namespace optiproxy::test {

GraphProgram SimpleProgram::graph() const {
  GraphProgram program;
  program.nodes = nodes;
  program.features = features;
  program.fixed_features = fixed_features;
  program.edges = fixed_edges;
  for (int32_t node : variable_nodes) {
    Gene gene;
    gene.choices = choices;
    program.feature_uses.push_back({program.gene_count(), node, choice_features});
    program.genes.push_back(gene);
  }
  for (const Edge& edge : free_edges) {
    Gene gene;
    gene.kind = GeneKind::kBit;
    gene.choices = 2;
    program.edges.push_back({.from = edge.from, .to = edge.to, .gene = program.gene_count(), .values = ValueSet({1})});
    program.genes.push_back(gene);
  }
  return program;
}

}  // namespace optiproxy::test
