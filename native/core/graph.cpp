#include "graph.h"

#include "error.h"

namespace optiproxy {

void normalise_adjacency(int nodes, const float* adjacency, float* out, float* back) {
  const int n = nodes;
  for (int i = 0; i < n; ++i) {
    float sum = 1;
    for (int j = 0; j < n; ++j) sum += adjacency[i * n + j];
    for (int j = 0; j < n; ++j) out[i * n + j] = (adjacency[i * n + j] + (i == j ? 1.0f : 0.0f)) / sum;
  }
  for (int i = 0; i < n; ++i) {
    float sum = 0;
    for (int j = 0; j < n; ++j) sum += out[j * n + i];
    for (int j = 0; j < n; ++j) back[i * n + j] = out[j * n + i] / sum;
  }
}

void normalise_adjacency_backward(int nodes, const float* adjacency, const float* out, const float* back, float* d_out,
                                  const float* d_back, float* d_adjacency) {
  const int n = nodes;
  // Both normalisations have the form y_k = x_k / sum(x), hence dx_k = (dy_k - <dy, y>) / sum(x).
  for (int i = 0; i < n; ++i) {
    float sum = 0, dot = 0;
    for (int j = 0; j < n; ++j) {
      sum += out[j * n + i];
      dot += d_back[i * n + j] * back[i * n + j];
    }
    for (int j = 0; j < n; ++j) d_out[j * n + i] += (d_back[i * n + j] - dot) / sum;
  }
  for (int i = 0; i < n; ++i) {
    float sum = 1, dot = 0;
    for (int j = 0; j < n; ++j) {
      sum += adjacency[i * n + j];
      dot += d_out[i * n + j] * out[i * n + j];
    }
    for (int j = 0; j < n; ++j) d_adjacency[i * n + j] = (d_out[i * n + j] - dot) / sum;
  }
}

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
