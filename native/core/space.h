// A search space: which architectures there are, which are valid, which are the same, and which are near.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "expression.h"
#include "key.h"
#include "lane_space.h"
#include "program.h"
#include "random.h"
#include "section.h"

namespace optiproxy {

/// Which architectures count as the same; each takes more for equal than the one before.
enum class Isomorphism { kEncoding, kGraph, kSkips, kZeros, kComputation };

/// A constraint: at least `min` and at most `max` of the terms hold.
struct ValueCount {
  struct Term {
    int gene;
    ValueSet values;
  };
  std::string name;
  std::vector<Term> terms;
  int min = 0, max = 0;
};

struct SpaceProgram {
  GraphProgram graph;
  std::vector<Section> sections;
  std::vector<ValueCount> counts;
  std::vector<EdgeCell> edge_cells;
  Isomorphism isomorphism = Isomorphism::kEncoding;
};

/// What draws, checks and normalises architectures, as plain rows, which a GPU can hold too.
struct SpaceTables {
  bool flat = true;  // every gene is free of the others
  std::vector<DrawView::GeneRow> genes;
  std::vector<double> weights;
  std::vector<CountRow> counts;
  std::vector<CountRow::Term> terms;
  std::vector<SectionRules> sections;
  std::vector<EdgeCell> cells;  // whose zeros are dropped

  /// Valid while this lives, where it stands.
  DrawView draw() const { return {flat, static_cast<int32_t>(genes.size()), genes.data(), weights.data()}; }
};

/// Immutable; any number of threads may read it.
class Space {
 public:
  /// Throws INVALID_ARGUMENT if the program is not sound.
  explicit Space(SpaceProgram program);
  explicit Space(GraphProgram graph) : Space(SpaceProgram{std::move(graph), {}, {}, {}, Isomorphism::kEncoding}) {}

  const GraphProgram& graph() const { return program_.graph; }
  size_t genes() const { return graph().genes.size(); }
  /// Number of encodings, valid or not: exact up to 2^53.
  double count() const { return count_; }
  /// Whether nothing but the encoding decides what is valid.
  bool unconstrained() const { return program_.sections.empty() && program_.counts.empty(); }

  /// The encoding (G) with a number, 0..count() - 1, where count() <= 2^53; gene 0 changes fastest.
  void write_numbered(uint64_t number, uint8_t* architecture) const;
  /// A uniformly random encoding (G), which need not be valid.
  void draw(Rng& rng, uint8_t* architecture) const { lane::draw(tables_.draw(), rng, architecture); }

  /// 0 if the architecture is valid, else the place of what it breaks in reasons().
  int check(const uint8_t* architecture) const;
  std::vector<std::string> reasons() const;

  /// What the proxy reads: genes without effect are absent.  Where each encoding is a query of its own, an operation on
  /// an edge that nothing reaches, or that reaches nothing, is zero: what computes the same is to look the same.  (By
  /// other rules one of them is asked at most, and how it is written made no clear difference.)
  void normalise(const uint8_t* architecture, uint8_t* normal) const;
  /// Whether normalise may change anything.
  bool normalises() const { return prunes_ || !tables_.cells.empty(); }
  const SpaceTables& tables() const { return tables_; }
  Key key(const uint8_t* architecture) const;

  /// Gives gene g the value; genes that this makes inactive become absent, those that it wakes get their first value
  /// that is free, or a random one.  False, with the architecture spoilt, where `distinct` forbids it.
  bool set(uint8_t* architecture, size_t gene, int value, Rng* rng) const;
  /// Changes one gene at random to a valid architecture; false if bounded tries found none.
  bool mutate(Rng& rng, const uint8_t* architecture, uint8_t* mutant) const;
  /// Calls f(neighbour) for every valid architecture that differs by a new value of one gene.
  template <typename F>
  void for_neighbours(const uint8_t* architecture, F f) const {
    std::vector<uint8_t> neighbour(genes());
    for (size_t g = 0; g < genes(); ++g) {
      if (!active(architecture, g)) continue;
      for (int value = 0; value < graph().genes[g].choices; ++value) {
        if (value == architecture[g]) continue;
        std::copy_n(architecture, genes(), neighbour.data());
        if (set(neighbour.data(), g, value, nullptr) && check(neighbour.data()) == 0) f(neighbour.data());
      }
    }
  }
  bool active(const uint8_t* architecture, size_t gene) const {
    return lane::active(tables_.draw(), architecture, static_cast<int>(gene));
  }
  /// Values that earlier genes of a chain of distinct ones take, ascending; at most 16.
  int taken(const uint8_t* architecture, size_t gene, uint8_t* values) const;

 private:
  /// What keys are made of: genes that are pruned away are absent.
  void prune(const uint8_t* architecture, uint8_t* pruned) const;
  /// What a gene's values weigh in a uniform draw.
  struct Tree {
    std::vector<double> weight;              // (choices) architectures below each value
    double count = 1;                        // their sum, less those that `distinct` takes away
    bool even = true;                        // whether all weigh the same
    std::vector<std::vector<int>> children;  // (choices) genes that wake
    int chain = 0;                           // genes before it that it must differ from
  };
  void plan_tree();
  void plan_keys();
  void check_cells() const;
  std::vector<bool> genes_of_sections() const;
  void write_tables();
  /// The value of a rank among those that `distinct` leaves.
  int free_value(const uint8_t* architecture, size_t gene, int rank) const {
    return lane::free_value(tables_.draw(), architecture, static_cast<int>(gene), rank);
  }
  bool consistent(const uint8_t* architecture) const;
  void add_section(const SectionRules& rules, const uint8_t* genes, Hasher& hasher) const;

  SpaceProgram program_;
  SpaceTables tables_;
  std::vector<Tree> tree_;  // (G)
  double count_ = 1;
  bool prunes_ = false, chains_ = false, tree_shaped_ = false;
  std::vector<int> outside_;  // genes that no section or cell accounts for in keys
  int edge_kinds_ = 1;
  std::vector<std::vector<int>> uses_of_;  // (N) places in feature_uses
  std::vector<uint64_t> fixed_label_;      // (N)
};

}  // namespace optiproxy
