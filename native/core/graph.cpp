#include "graph.h"

#include "error.h"

namespace optiproxy {

GraphBatch make_graph_batch(int graphs, int nodes, int features, std::span<const float> adjacency,
                            std::span<const float> x, std::span<const int32_t> sizes) {
  const auto b = static_cast<size_t>(graphs), n = static_cast<size_t>(nodes), f = static_cast<size_t>(features);
  require(adjacency.size() == b * n * n && x.size() == b * n * f && sizes.size() == b,
          "graph batch: lengths do not match (graphs, nodes, features)");
  for (int32_t size : sizes) require(size >= 1 && size <= nodes, "graph batch: a size is outside 1..nodes");
  GraphBatch batch{.graphs = graphs,
                   .nodes = nodes,
                   .features = features,
                   .shared_topology = false,
                   .x = {x.begin(), x.end()},
                   .out = std::vector<float>(b * n * n),
                   .back = std::vector<float>(b * n * n),
                   .sizes = {sizes.begin(), sizes.end()}};
  for (size_t g = 0; g < b; ++g) {
    normalise_adjacency(nodes, adjacency.data() + g * n * n, batch.out.data() + g * n * n,
                        batch.back.data() + g * n * n);
  }
  return batch;
}

}  // namespace optiproxy
