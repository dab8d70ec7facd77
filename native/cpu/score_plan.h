// Which genes a row of the network depends on.  Deep inside a graph with choices a node's row is a function of few
// genes, so among many architectures few rows are distinct, and each of those needs to be computed once only.
#pragma once

#include <array>
#include <vector>

#include "../core/program.h"
#include "topology.h"

namespace optiproxy::cpu {

/// Genes that decide something, ascending, and the number of ways they can stand.
struct RowGenes {
  std::vector<int> genes;
  double combinations = 1;
};

/// For every layer, direction and node: the set of genes that decide the row, as an index into `sets`.
struct ScorePlan {
  struct Layer {
    std::array<std::vector<int>, 2> half;  // (N) aggregated rows of each direction, before the linear map
    std::vector<int> full;                 // (N) the layer's output
  };

  ScorePlan(const GraphProgram& program, int layers);

  std::vector<RowGenes> sets;
  std::vector<Layer> layers;
  std::array<std::vector<std::vector<int>>, 2> sources;  // (N) nodes that a node's row may be a sum over
  std::vector<std::vector<int>> fixed;                   // (N) columns of a node's fixed features, each once
  std::vector<std::vector<int>> uses;                    // (N) places in the program's feature_uses

 private:
  int find_or_add(const GraphProgram& program, std::vector<int> genes);
};

}  // namespace optiproxy::cpu
