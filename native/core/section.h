// A part of the graph that is pruned and constrained as one: a cell.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

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

/// Why a section refuses an architecture.
enum class SectionFault : uint8_t { kNone, kDisconnected, kTooManyEdges, kInDegree, kRequired, kPairs, kAbsentInput };
constexpr int kSectionFaults = 6;
const char* describe(SectionFault fault);

/// One architecture's part of the graph as bit masks; bit i is node first + i.
struct SectionGraph {
  uint64_t alive = 0;
  bool reached = false;              // an output from an input
  std::array<uint64_t, 64> in, out;  // of every node, among the nodes that are alive
  std::array<uint64_t, 64> chosen;   // inputs that a choice or subset names, alive or not
};

class SectionRules {
 public:
  /// Throws INVALID_ARGUMENT for what is not sound.
  SectionRules(const GraphProgram& program, const Section& section);

  const Section& section() const { return section_; }
  /// Whether genes can be without effect here: of nodes that are pruned away, or of edges of nodes that are not there.
  bool normalises() const { return section_.prune || !section_.presence.empty(); }
  /// Edges of the program that lie within the section.
  const std::vector<int>& edges() const { return edges_; }
  /// Whether anything here can be at fault.
  bool constrains() const;
  void read(const GraphProgram& program, const uint8_t* genes, SectionGraph& graph) const;
  SectionFault fault(const SectionGraph& graph) const;
  /// Marks the genes of what was pruned away as absent, and bits of its edges as 0.
  void normalise(const GraphProgram& program, const SectionGraph& graph, uint8_t* genes) const;

 private:
  struct Owned {
    int gene;
    uint64_t nodes;  // all of which must be alive
    uint8_t otherwise;
  };
  Section section_;
  std::vector<int> edges_;
  std::vector<Owned> owned_;
  uint64_t inputs_ = 0, outputs_ = 0, required_ = 0, bounded_ = 0;
};

}  // namespace optiproxy
