#include "program_tables.h"

namespace optiproxy {
namespace {

int32_t count(size_t size) { return static_cast<int32_t>(size); }

}  // namespace

ProgramTables::ProgramTables(const GraphProgram& program)
    : fixed_x(static_cast<size_t>(program.nodes) * static_cast<size_t>(program.features)),
      nodes(program.nodes),
      features(program.features),
      absent(program.absent) {
  for (const Gene& g : program.genes) {
    int32_t& logits = g.kind == GeneKind::kChoice ? alpha : beta;
    genes.push_back({g.kind, g.choices, g.parent, g.inputs, g.picks, values, logits, count(members.size()), g.when});
    if (g.kind == GeneKind::kSubset) {
      const std::vector<uint8_t> of = subset_members(g.inputs, g.picks);
      members.insert(members.end(), of.begin(), of.end());
    }
    values += g.choices;
    logits += g.logits();
  }
  for (const FeatureUse& use : program.feature_uses) {
    uses.push_back({use.gene, use.node, count(columns.size())});
    columns.insert(columns.end(), use.columns.begin(), use.columns.end());
  }
  for (const Edge& e : program.edges) edges.push_back({e.from, e.to, e.gene, e.values});
  program.fill_fixed_features(fixed_x.data());
}

ProgramView ProgramTables::view() const {
  return {nodes,          features,       absent,        count(genes.size()), count(uses.size()), count(edges.size()),
          alpha,          beta,           values,        genes.data(),        uses.data(),        edges.data(),
          members.data(), columns.data(), fixed_x.data()};
}

}  // namespace optiproxy
