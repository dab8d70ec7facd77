#include "section.h"

#include <array>
#include <span>

#include "error.h"

namespace optiproxy {

const char* describe(SectionFault fault) {
  switch (fault) {
    case SectionFault::kDisconnected:
      return "no path from an input to an output";
    case SectionFault::kTooManyEdges:
      return "too many edges";
    case SectionFault::kInDegree:
      return "a node with too few or too many inputs";
    case SectionFault::kRequired:
      return "a required node is not used";
    case SectionFault::kPairs:
      return "an input without its output, or the other way round";
    case SectionFault::kAbsentInput:
      return "a chosen input that is not there";
    case SectionFault::kNone:
      break;
  }
  return "valid";
}

namespace {

bool inside(const Section& section, int node) { return node >= section.first && node < section.first + section.nodes; }

/// Mask of the nodes of a section; throws where one lies outside.
uint64_t mask_of(const Section& section, std::span<const int> nodes) {
  uint64_t mask = 0;
  for (const int node : nodes) {
    require(inside(section, node), "program.sections, " + section.name + ": a node lies outside of it");
    mask |= uint64_t{1} << (node - section.first);
  }
  return mask;
}

}  // namespace

SectionRules::SectionRules(const GraphProgram& program, const Section& section) : section_(section) {
  const std::string what = "program.sections, " + section.name;
  require(
      section.nodes >= 1 && section.nodes <= 64 && section.first >= 0 && section.first + section.nodes <= program.nodes,
      what + ": expected 1..64 nodes of the graph");
  rules_.nodes = section.nodes;
  rules_.prune = section.prune;
  rules_.connected = section.connected;
  rules_.normalises = section.prune || !section.presence.empty();
  rules_.max_edges = section.max_edges;
  rules_.min_in_degree = section.min_in_degree;
  rules_.max_in_degree = section.max_in_degree;
  rules_.all = section.nodes == 64 ? ~uint64_t{0} : (uint64_t{1} << section.nodes) - 1;
  rules_.inputs = mask_of(section, section.inputs);
  rules_.outputs = mask_of(section, section.outputs);
  rules_.required = mask_of(section, section.required);
  rules_.bounded = rules_.all & ~rules_.inputs;
  rules_.constrains = section.connected || section.max_edges >= 0 || section.min_in_degree > 0 ||
                      section.max_in_degree >= 0 || rules_.normalises || !section.required.empty() ||
                      !section.pairs.empty();
  for (const auto& [in, out] : section.pairs) {
    (void)mask_of(section, std::array{in, out});
    pairs_.push_back({in - section.first, out - section.first});
  }
  for (const Presence& p : section.presence) {
    (void)mask_of(section, std::array{p.node});
    require(p.gene >= 0 && p.gene < program.gene_count(), what + ": the gene of a presence is out of range");
    presences_.push_back({p.node - section.first, p.gene, p.values});
  }
  for (size_t e = 0; e < program.edges.size(); ++e) {
    const Edge& edge = program.edges[e];
    if (!inside(section, edge.from) || !inside(section, edge.to)) continue;
    require(edge.from < edge.to, what + ": expected nodes in topological order");
    const bool chosen = edge.gene >= 0 && program.genes[static_cast<size_t>(edge.gene)].kind != GeneKind::kBit;
    edges_.push_back(static_cast<int>(e));
    edge_rows_.push_back({edge.from - section.first, edge.to - section.first, edge.gene, chosen, edge.values});
  }
  own_genes(program);
}

/// Genes that are without effect where nodes are not alive.
void SectionRules::own_genes(const GraphProgram& program) {
  for (const SectionView::Edge& edge : edge_rows_) {
    if (normalises() && edge.gene >= 0 && !edge.chosen)
      owned_.push_back({edge.gene, 0, uint64_t{1} << edge.from | uint64_t{1} << edge.to});
  }
  for (size_t g = 0; section_.prune && g < program.genes.size(); ++g) {
    const Gene& gene = program.genes[g];
    if (gene.kind == GeneKind::kBit || gene.node < 0 || !inside(section_, gene.node)) continue;
    require(gene.optional,
            "program.sections, " + section_.name + ": the gene of a node that can be pruned away must be optional");
    owned_.push_back(
        {static_cast<int>(g), static_cast<uint8_t>(gene.choices), uint64_t{1} << (gene.node - section_.first)});
  }
}

SectionView SectionRules::view() const {
  const auto count = [](size_t size) { return static_cast<int32_t>(size); };
  SectionView view = rules_;
  view.edges = count(edge_rows_.size());
  view.presences = count(presences_.size());
  view.pairs = count(pairs_.size());
  view.owned = count(owned_.size());
  view.edge = edge_rows_.data();
  view.presence = presences_.data();
  view.pair = pairs_.data();
  view.own = owned_.data();
  return view;
}

void SectionRules::read(const uint8_t* genes, SectionGraph& graph) const {
  SectionMasks masks = graph.masks();
  lane::read(view(), genes, masks);
  graph.alive = masks.alive;
  graph.reached = masks.reached;
}

}  // namespace optiproxy
