// A search space's graph program as plain tables, which a GPU can hold too.
#pragma once

#include <cstdint>
#include <vector>

#include "program.h"

namespace optiproxy {

/// Pointers are to what a ProgramTables owns, or to a device's copy of it.
struct ProgramView {
  struct GeneRow {
    GeneKind kind;
    int32_t choices, parent, inputs, picks;
    int32_t value;   // first of its probabilities
    int32_t logit;   // first of its logits in alpha or beta
    int32_t member;  // first of its subsets' members (choices, picks)
    ValueSet when;
  };
  struct UseRow {
    int32_t gene, node;
    int32_t column;  // first of its columns (choices)
  };
  struct EdgeRow {
    int32_t from, to, gene;
    ValueSet values;
  };
  int32_t nodes, features, absent;  // N, F
  int32_t genes, uses, edges;       // G
  int32_t alpha, beta, values;      // A and B logits, P values of all genes
  const GeneRow* gene;
  const UseRow* use;
  const EdgeRow* edge;
  const uint8_t* members;
  const int32_t* columns;
  const float* fixed_x;  // (N, F)
};

struct ProgramTables {
  explicit ProgramTables(const GraphProgram& program);
  /// Valid while this lives, where it stands.
  ProgramView view() const;

  std::vector<ProgramView::GeneRow> genes;
  std::vector<ProgramView::UseRow> uses;
  std::vector<ProgramView::EdgeRow> edges;
  std::vector<uint8_t> members;
  std::vector<int32_t> columns;
  std::vector<float> fixed_x;
  int32_t nodes, features, absent, alpha = 0, beta = 0, values = 0;
};

}  // namespace optiproxy
