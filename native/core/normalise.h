// Normalised adjacencies (docs/architecture.md, numerics), of one graph by one thread of any device.
#pragma once

#include "host_device.h"

namespace optiproxy {

/// out = rownorm(A + I), back = rownorm(outᵀ).  adjacency, out, back: (N, N), A[i][j] = weight of the edge i -> j.
OPTIPROXY_HOST_DEVICE void normalise_adjacency(int nodes, const float* adjacency, float* out, float* back) {
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

/// Gradient through normalise_adjacency.  d_out is overwritten (it collects what flows through `back`);
/// d_adjacency (N, N) receives the result.
OPTIPROXY_HOST_DEVICE void normalise_adjacency_backward(int nodes, const float* adjacency, const float* out,
                                                        const float* back, float* d_out, const float* d_back,
                                                        float* d_adjacency) {
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

}  // namespace optiproxy
