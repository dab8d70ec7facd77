// What is valid and what is the same, by the words of docs/spaces.md: sets, paths and all orders of nodes.
#pragma once

#include <map>
#include <set>
#include <string>

#include "../core/space.h"
#include "support.h"

namespace optiproxy::test {

/// A small graph whose nodes have labels and whose edges have kinds.
struct PlainGraph {
  std::vector<std::string> labels;
  std::map<std::pair<int, int>, int> edges;
};

/// Equal if and only if two graphs are isomorphic: the least text of all orders of nodes.
std::string least_text(const PlainGraph& graph);

class ReferenceSpace {
 public:
  explicit ReferenceSpace(const SpaceProgram& program) : s_(program) {}

  bool active(const Genes& genes, size_t gene) const;
  /// Whether genes are there exactly where they are active, and distinct ones differ.
  bool consistent(const Genes& genes) const;
  /// Whether this gene has the value of one that it must differ from, or the other way round.
  bool clashes(const Genes& genes, size_t gene) const;
  /// Everything that is wrong with an architecture, in the words of Space::reasons().
  std::set<std::string> faults(const Genes& genes) const;
  bool valid(const Genes& genes) const { return faults(genes).empty(); }

  /// Nodes of a section that are left, and the edges between them with the role of ordered ones, else 0.
  struct Left {
    std::set<int> nodes;
    std::map<std::pair<int, int>, int> edges;
    bool reached = false;
  };
  Left left_of(const Section& section, const Genes& genes) const;
  /// Features of the section's nodes that are left and what joins them.
  PlainGraph graph_of(const Section& section, const Genes& genes) const;

 private:
  const SpaceProgram& s_;
};

}  // namespace optiproxy::test
