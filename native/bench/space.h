// The space that benches run on.
#pragma once

#include "../core/space.h"

namespace optiproxy {

/// The line graph of NAS-Bench-201's cell: six edges of four cell nodes; `ranks` of its operations, of which there are
/// five, or of more.
inline Space cell_space(std::vector<int> ranks, Isomorphism isomorphism) {
  const int operations = static_cast<int>(ranks.size());
  std::vector<int32_t> columns;
  for (int i = 0; i < operations; ++i) columns.push_back(1 + i);
  SpaceProgram space;
  GraphProgram& p = space.graph;
  p.nodes = 8;
  p.features = operations + 2;
  EdgeCell cell{.vertices = 4, .edges = {}, .zero = 0, .identity = 1, .ranks = std::move(ranks)};
  constexpr int kEdges[6][2] = {{0, 1}, {0, 2}, {1, 2}, {0, 3}, {1, 3}, {2, 3}};
  for (int e = 0; e < 6; ++e) {
    Gene gene;
    gene.choices = operations;
    p.genes.push_back(gene);
    p.feature_uses.push_back({e, 1 + e, columns});
    cell.edges.push_back({kEdges[e][0], kEdges[e][1], e});
    if (kEdges[e][0] == 0) p.edges.push_back({0, 1 + e});
    if (kEdges[e][1] == 3) p.edges.push_back({1 + e, 7});
    for (int f = 0; f < 6; ++f) {
      if (kEdges[f][0] == kEdges[e][1]) p.edges.push_back({1 + e, 1 + f});
    }
  }
  p.fixed_features = {{0, 0}, {7, operations + 1}};
  space.edge_cells.push_back(cell);
  space.isomorphism = isomorphism;
  return Space(std::move(space));
}

inline Space nasbench201(Isomorphism isomorphism = Isomorphism::kEncoding) {
  return cell_space({1, 4, 2, 3, 0}, isomorphism);
}

}  // namespace optiproxy
