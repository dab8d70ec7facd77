// A part of the graph that is pruned and constrained as one: a cell.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "lane_section.h"
#include "program.h"

namespace optiproxy {

struct Presence {
  int node;
  int gene;
  ValueSet values;
};

/// See src/space/program.ts.  Nodes are numbered in topological order within a section.
struct Section {
  std::string name;
  int first = 0;
  int nodes = 0;  // at most 64
  std::vector<int> inputs, outputs;
  bool prune = false;
  bool connected = false;
  int max_edges = -1;
  int min_in_degree = -1, max_in_degree = -1;
  std::vector<int> required;
  std::vector<std::pair<int, int>> pairs;
  std::vector<Presence> presence;
};

constexpr int kSectionFaults = 6;
const char* describe(SectionFault fault);

/// One architecture's part of the graph as bit masks, see SectionMasks; bit i is node first + i.
struct SectionGraph {
  uint64_t alive = 0;
  bool reached = false;
  std::array<uint64_t, 64> in, out, chosen;

  SectionMasks masks() { return {alive, reached, {in.data(), 1}, {out.data(), 1}, {chosen.data(), 1}}; }
};

class SectionRules {
 public:
  /// Throws INVALID_ARGUMENT for what is not sound.
  SectionRules(const GraphProgram& program, const Section& section);

  const Section& section() const { return section_; }
  /// Whether genes can be without effect here: of nodes that are pruned away, or of edges of nodes that are not there.
  bool normalises() const { return rules_.normalises; }
  /// Edges of the program that lie within the section.
  const std::vector<int>& edges() const { return edges_; }
  /// Whether anything here can be at fault.
  bool constrains() const { return rules_.constrains; }
  void read(const uint8_t* genes, SectionGraph& graph) const;
  SectionFault fault(SectionGraph& graph) const { return lane::fault(view(), graph.masks()); }
  /// Marks the genes of what was pruned away as absent, and bits of its edges as 0.
  void normalise(const SectionGraph& graph, uint8_t* genes) const { lane::normalise(view(), graph.alive, genes); }

  /// Valid while this lives, where it stands.
  SectionView view() const;
  const std::vector<SectionView::Edge>& edge_rows() const { return edge_rows_; }
  const std::vector<SectionView::Presence>& presences() const { return presences_; }
  const std::vector<SectionView::Pair>& pairs() const { return pairs_; }
  const std::vector<SectionView::Owned>& owned() const { return owned_; }

 private:
  void own_genes(const GraphProgram& program);

  Section section_;
  std::vector<int> edges_;
  SectionView rules_{};  // without pointers
  std::vector<SectionView::Edge> edge_rows_;
  std::vector<SectionView::Presence> presences_;
  std::vector<SectionView::Pair> pairs_;
  std::vector<SectionView::Owned> owned_;
};

}  // namespace optiproxy
