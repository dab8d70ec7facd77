// Batches of small graphs, as every backend reads them.  B graphs, N nodes (padded), F features.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "normalise.h"

namespace optiproxy {

struct GraphBatch {
  int graphs = 0;
  int nodes = 0;
  int features = 0;
  bool shared_topology = false;  // one (N, N) pair serves all graphs
  std::vector<float> x;          // (B, N, F)
  std::vector<float> out;        // (B, N, N) or (N, N)
  std::vector<float> back;       // likewise
  std::vector<int32_t> sizes;    // (B) real nodes; rows behind them are padding and never count

  const float* out_of(int graph) const { return out.data() + offset(graph); }
  const float* back_of(int graph) const { return back.data() + offset(graph); }

 private:
  size_t offset(int graph) const {
    return shared_topology ? 0 : static_cast<size_t>(graph) * static_cast<size_t>(nodes) * static_cast<size_t>(nodes);
  }
};

/// A batch from adjacencies (B, N, N), features (B, N, F) and sizes (B).
GraphBatch make_graph_batch(int graphs, int nodes, int features, std::span<const float> adjacency,
                            std::span<const float> x, std::span<const int32_t> sizes);

}  // namespace optiproxy
