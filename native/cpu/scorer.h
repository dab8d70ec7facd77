// Predictions of many discrete architectures by one member, each distinct row computed once (see score_plan.h).  A
// row's bits do not depend on what else is scored, so neither does a prediction.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "../core/model.h"
#include "aligned.h"
#include "kernels.h"
#include "score_plan.h"

namespace optiproxy::cpu {

/// Scratch of one thread.
class Scorer {
 public:
  Scorer(const ModelConfig& config, const ParameterLayout& layout, const Kernels& kernels);
  /// Architectures that one call should hold: more repeat more, but the rows have to stay near the processor.
  static int batch_limit(const ModelConfig& config, const GraphProgram& program);
  /// predictions (n, O) of genes (n, G) under `parameters` (P).
  void score(const GraphProgram& program, const ScorePlan& plan, const float* parameters, const uint8_t* genes, int n,
             float* predictions);

 private:
  /// Architectures grouped by a set of genes.
  struct Groups {
    std::vector<int32_t> of;  // (n) group of each architecture
    std::vector<int32_t> at;  // (groups) an architecture of each group
    int size() const { return static_cast<int>(at.size()); }
  };
  /// What one call scores, and with what.
  struct Batch {
    const GraphProgram& program;
    const ScorePlan& plan;
    const float* parameters;
  };
  void read_genes(const GraphProgram& program, const uint8_t* genes);
  void read_adjacency(const GraphProgram& program, const uint8_t* genes);
  void group(const GraphProgram& program, const RowGenes& set, Groups& groups);
  void first_terms(const ScorePlan& plan, const float* weights, Direction d, int node);
  void later_terms(const ScorePlan& plan, int layer, Direction d, int node);
  void add_term(const float* rows, const int32_t* row, Direction d, int node, int source);
  void map_rows(const Batch& b, int layer, Direction d, int node, int first, int count, float* mapped);
  void half_layer(const Batch& b, int layer, Direction d);
  void finish_layer(const ScorePlan& plan, int layer, const float* parameters);
  void finish_last(const Batch& b, float* predictions);

  const ModelConfig config_;
  const ParameterLayout& layout_;
  const Kernels& k_;
  int n_ = 0, nodes_ = 0;
  std::vector<std::vector<int32_t>> genes_;      // (G, n)
  std::vector<std::vector<int32_t>> feature_;    // (uses, n) feature column of each use
  std::vector<int32_t> zeros_;                   // (n)
  std::array<std::vector<float>, 2> adjacency_;  // (N, N), or (n, N, N) where genes decide edges
  int64_t adjacency_step_ = 0;
  std::vector<Groups> groups_;          // of each gene set
  std::vector<int32_t> index_, table_;  // scratch of group()
  std::vector<int32_t> block_rows_;     // 0, 1, 2...
  std::vector<RowTerm> terms_;
  std::vector<RowPair> pairs_;                     // (N)
  std::array<std::vector<int32_t>, 2> pair_rows_;  // scratch of finish_layer()
  Floats mixed_, rows_, rstd_, pooled_;
  std::array<std::vector<Floats>, 2> mapped_;   // (N) halves of the linear map, (groups, H) each
  std::array<std::vector<Floats>, 2> product_;  // (N) h·W1 and h·W2 of the next layer, (groups, H) each
};

}  // namespace optiproxy::cpu
