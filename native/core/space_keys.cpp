// Canonical keys of a space's architectures.
#include <algorithm>
#include <bit>

#include "canonical.h"
#include "error.h"
#include "space.h"

namespace optiproxy {

void Space::check_cells() const {
  const GraphProgram& p = graph();
  for (const EdgeCell& cell : program_.edge_cells) {
    require(cell.vertices >= 2 && cell.vertices <= 8, "program.edgeCells: expected 2..8 vertices");
    for (size_t i = 0; i < cell.edges.size(); ++i) {
      const EdgeCell::Edge& e = cell.edges[i];
      require(e.gene >= 0 && e.gene < p.gene_count() && e.from >= 0 && e.from < e.to && e.to < cell.vertices,
              "program.edgeCells: expected edges from lower to higher vertices");
      // Sorted and each once, or sums would miss terms or outgrow their bound.
      require(
          i == 0 || cell.edges[i - 1].to < e.to || (cell.edges[i - 1].to == e.to && cell.edges[i - 1].from < e.from),
          "program.edgeCells: expected edges by `to`, then by `from`, each once");
      const Gene& gene = p.genes[static_cast<size_t>(e.gene)];
      require(!gene.optional && cell.ranks.size() == static_cast<size_t>(gene.choices),
              "program.edgeCells: expected a rank for each choice, and genes that are always there");
    }
  }
}

/// Whether everything that a gene decides lies within one section, so that the section's graph tells its values apart.
std::vector<bool> Space::genes_of_sections() const {
  const GraphProgram& p = graph();
  constexpr int kNothing = -2, kOutside = -1;
  std::vector<int> home(static_cast<size_t>(p.nodes), kOutside), owner(p.genes.size(), kNothing);
  for (size_t s = 0; s < tables_.sections.size(); ++s) {
    const Section& section = tables_.sections[s].section();
    std::fill_n(home.begin() + section.first, section.nodes, static_cast<int>(s));
  }
  auto claim = [&](int gene, int section) {
    int& o = owner[static_cast<size_t>(gene)];
    o = o == kNothing || o == section ? section : kOutside;
  };
  for (const FeatureUse& use : p.feature_uses) claim(use.gene, home[static_cast<size_t>(use.node)]);
  for (const Edge& e : p.edges) {
    const int a = home[static_cast<size_t>(e.from)], b = home[static_cast<size_t>(e.to)];
    if (e.gene >= 0) claim(e.gene, a == b ? a : kOutside);
  }
  std::vector<bool> within;
  for (int o : owner) within.push_back(o >= 0);
  return within;
}

void Space::plan_keys() {
  const GraphProgram& p = graph();
  const Isomorphism rule = program_.isomorphism;
  check_cells();
  require(
      rule <= Isomorphism::kGraph || !program_.edge_cells.empty(),
      "program.isomorphism: expected a cell with operations on its edges (hint: encoding and graph fit every space)");
  std::vector<bool> covered(p.genes.size(), false);
  if (rule == Isomorphism::kGraph) covered = genes_of_sections();
  if (rule > Isomorphism::kGraph) {
    for (const EdgeCell& cell : program_.edge_cells) {
      for (const auto& e : cell.edges) covered[static_cast<size_t>(e.gene)] = true;
    }
  }
  for (size_t g = 0; g < covered.size(); ++g) {
    if (!covered[g]) outside_.push_back(static_cast<int>(g));
  }
  fixed_label_.assign(static_cast<size_t>(p.nodes), 0);
  uses_of_.resize(static_cast<size_t>(p.nodes));
  for (const NodeFeature& f : p.fixed_features) {
    fixed_label_[static_cast<size_t>(f.node)] += mix(static_cast<uint64_t>(f.feature) + 1);
  }
  for (size_t i = 0; i < p.feature_uses.size(); ++i) {
    uses_of_[static_cast<size_t>(p.feature_uses[i].node)].push_back(static_cast<int>(i));
  }
  for (const Edge& e : p.edges) {
    if (e.ordered_by >= 0) edge_kinds_ = std::max(edge_kinds_, e.role + 1);
  }
}

void Space::add_section(const SectionRules& rules, const uint8_t* genes, Hasher& hasher) const {
  const GraphProgram& p = graph();
  const Section& section = rules.section();
  SectionGraph read;
  rules.read(genes, read);
  LabelledGraph labelled;
  labelled.nodes = read.alive;
  labelled.kinds = edge_kinds_;
  for (uint64_t left = read.alive; left != 0; left &= left - 1) {
    const auto i = static_cast<size_t>(std::countr_zero(left)), node = static_cast<size_t>(section.first) + i;
    labelled.label[i] = fixed_label_[node];
    for (int u : uses_of_[node]) {
      const FeatureUse& use = p.feature_uses[static_cast<size_t>(u)];
      labelled.label[i] += mix(static_cast<uint64_t>(p.column(use, genes[use.gene])) + 1);
    }
    labelled.edges[0].in[i] = read.in[i];
    labelled.edges[0].out[i] = read.out[i];
    for (int kind = 1; kind < edge_kinds_; ++kind)
      labelled.edges[static_cast<size_t>(kind)].in[i] = labelled.edges[static_cast<size_t>(kind)].out[i] = 0;
  }
  for (int index : rules.edges()) {
    const Edge& e = p.edges[static_cast<size_t>(index)];
    if (e.ordered_by < 0 || e.role == 0 || !e.present(genes) || !e.ordered.contains(genes[e.ordered_by])) continue;
    const auto from = static_cast<size_t>(e.from - section.first), to = static_cast<size_t>(e.to - section.first);
    if ((read.alive >> from & read.alive >> to & 1) == 0) continue;
    const uint64_t from_bit = uint64_t{1} << from, to_bit = uint64_t{1} << to;
    labelled.edges[0].in[to] &= ~from_bit;
    labelled.edges[0].out[from] &= ~to_bit;
    labelled.edges[static_cast<size_t>(e.role)].in[to] |= from_bit;
    labelled.edges[static_cast<size_t>(e.role)].out[from] |= to_bit;
  }
  const Key key = canonical_key(labelled);
  hasher.add(key.low);
  hasher.add(key.high);
}

Key Space::key(const uint8_t* architecture) const {
  std::vector<uint8_t> pruned;
  const uint8_t* genes = architecture;
  const bool by_graph = program_.isomorphism == Isomorphism::kGraph;
  // A section's graph leaves out by itself what is pruned away.
  if (prunes_ && !(by_graph && outside_.empty())) {
    pruned.resize(this->genes());
    prune(architecture, pruned.data());
    genes = pruned.data();
  }
  Hasher hasher;
  if (outside_.size() == this->genes()) {
    hasher.add_bytes(genes, this->genes());
    return hasher.key();
  }
  for (int g : outside_) hasher.add(genes[g]);
  if (by_graph) {
    for (const SectionRules& rules : tables_.sections) add_section(rules, genes, hasher);
    return hasher.key();
  }
  for (const EdgeCell& cell : program_.edge_cells) {
    const Key key = program_.isomorphism == Isomorphism::kComputation
                        ? computation_key(cell, genes)
                        : text_key(cell, genes, program_.isomorphism == Isomorphism::kZeros);
    hasher.add(key.low);
    hasher.add(key.high);
  }
  return hasher.key();
}

}  // namespace optiproxy
