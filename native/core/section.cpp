#include "section.h"

#include <bit>

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

SectionRules::SectionRules(const GraphProgram& program, const Section& section) : section_(section) {
  const std::string what = "program.sections, " + section.name;
  require(
      section.nodes >= 1 && section.nodes <= 64 && section.first >= 0 && section.first + section.nodes <= program.nodes,
      what + ": expected 1..64 nodes of the graph");
  auto bit_of = [&](int node) {
    require(node >= section.first && node < section.first + section.nodes, what + ": a node lies outside of it");
    return uint64_t{1} << (node - section.first);
  };
  for (int node : section.inputs) inputs_ |= bit_of(node);
  for (int node : section.outputs) outputs_ |= bit_of(node);
  for (int node : section.required) required_ |= bit_of(node);
  for (const auto& [in, out] : section.pairs) (void)bit_of(in), (void)bit_of(out);
  for (const Presence& p : section.presence) {
    (void)bit_of(p.node);
    require(p.gene >= 0 && p.gene < program.gene_count(), what + ": the gene of a presence is out of range");
  }
  auto inside = [&](int node) { return node >= section.first && node < section.first + section.nodes; };
  for (size_t e = 0; e < program.edges.size(); ++e) {
    const Edge& edge = program.edges[e];
    if (!inside(edge.from) || !inside(edge.to)) continue;
    require(edge.from < edge.to, what + ": expected nodes in topological order");
    edges_.push_back(static_cast<int>(e));
    const Gene* gene = edge.gene < 0 ? nullptr : &program.genes[static_cast<size_t>(edge.gene)];
    if (normalises() && gene != nullptr && gene->kind == GeneKind::kBit)
      owned_.push_back({edge.gene, bit_of(edge.from) | bit_of(edge.to), 0});
  }
  for (size_t g = 0; section.prune && g < program.genes.size(); ++g) {
    const Gene& gene = program.genes[g];
    if (gene.kind == GeneKind::kBit || gene.node < 0 || !inside(gene.node)) continue;
    require(gene.optional, what + ": the gene of a node that can be pruned away must be optional");
    owned_.push_back({static_cast<int>(g), bit_of(gene.node), static_cast<uint8_t>(gene.choices)});
  }
  const uint64_t all = section.nodes == 64 ? ~uint64_t{0} : (uint64_t{1} << section.nodes) - 1;
  bounded_ = all & ~inputs_;
}

bool SectionRules::constrains() const {
  const Section& s = section_;
  return s.connected || s.max_edges >= 0 || s.min_in_degree > 0 || s.max_in_degree >= 0 || normalises() ||
         !s.required.empty() || !s.pairs.empty();
}

void SectionRules::read(const GraphProgram& program, const uint8_t* genes, SectionGraph& graph) const {
  const auto n = static_cast<size_t>(section_.nodes);
  for (size_t i = 0; i < n; ++i) graph.in[i] = graph.out[i] = graph.chosen[i] = 0;
  uint64_t exists = section_.nodes == 64 ? ~uint64_t{0} : (uint64_t{1} << n) - 1;
  for (const Presence& p : section_.presence) {
    if (!p.values.contains(genes[p.gene])) exists &= ~(uint64_t{1} << (p.node - section_.first));
  }
  for (int index : edges_) {
    const Edge& edge = program.edges[static_cast<size_t>(index)];
    if (!edge.present(genes)) continue;
    const auto from = static_cast<size_t>(edge.from - section_.first),
               to = static_cast<size_t>(edge.to - section_.first);
    graph.in[to] |= uint64_t{1} << from;
    graph.out[from] |= uint64_t{1} << to;
    if (edge.gene >= 0 && program.genes[static_cast<size_t>(edge.gene)].kind != GeneKind::kBit)
      graph.chosen[to] |= uint64_t{1} << from;
  }
  uint64_t forward = inputs_ & exists, backward = outputs_ & exists;
  for (size_t i = 0; i < n; ++i) {
    if (graph.in[i] & forward) forward |= exists & uint64_t{1} << i;
  }
  for (size_t i = n; i-- > 0;) {
    if (graph.out[i] & backward) backward |= exists & uint64_t{1} << i;
  }
  graph.reached = (forward & outputs_) != 0;
  graph.alive = section_.prune ? forward & backward : exists;
  for (size_t i = 0; i < n; ++i) {
    const uint64_t keep = graph.alive >> i & 1 ? graph.alive : 0;
    graph.in[i] &= keep;
    graph.out[i] &= keep;
  }
}

SectionFault SectionRules::fault(const SectionGraph& graph) const {
  if (section_.connected && !graph.reached) return SectionFault::kDisconnected;
  if ((required_ & ~graph.alive) != 0) return SectionFault::kRequired;
  for (const auto& [in, out] : section_.pairs) {
    if ((graph.alive >> (in - section_.first) & 1) != (graph.alive >> (out - section_.first) & 1))
      return SectionFault::kPairs;
  }
  int edges = 0;
  for (uint64_t left = graph.alive; left != 0; left &= left - 1) {
    const auto i = static_cast<size_t>(std::countr_zero(left));
    const int in = std::popcount(graph.in[i]);
    edges += in;
    if ((graph.chosen[i] & ~graph.alive) != 0) return SectionFault::kAbsentInput;
    if ((bounded_ >> i & 1) == 0) continue;
    if (in < section_.min_in_degree || (section_.max_in_degree >= 0 && in > section_.max_in_degree))
      return SectionFault::kInDegree;
  }
  if (section_.max_edges >= 0 && edges > section_.max_edges) return SectionFault::kTooManyEdges;
  return SectionFault::kNone;
}

void SectionRules::normalise(const GraphProgram&, const SectionGraph& graph, uint8_t* genes) const {
  for (const Owned& o : owned_) {
    if ((graph.alive & o.nodes) != o.nodes) genes[o.gene] = o.otherwise;
  }
}

}  // namespace optiproxy
