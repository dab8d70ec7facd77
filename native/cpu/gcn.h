// Forward and backward pass of one GCN on one batch (paper §3.1; numerics: docs/architecture.md).  B graphs of N nodes,
// M = B*N rows, H hidden, F features, O outputs.  Owns the activations that backward needs; not thread-safe.
#pragma once

#include <vector>

#include "head.h"

namespace optiproxy::cpu {

class Gcn {
 public:
  Gcn(const ModelConfig& config, const ParameterLayout& layout, const Kernels& kernels);
  /// prediction (B, O).  `dropout` null: none; else its rate is above 0.
  void forward(const NetworkWeights& weights, const NetworkInput& input, const Dropout* dropout, float* prediction);
  /// Gradients of the last forward, of the same weights and input, from d_prediction (B, O).
  void backward(const NetworkWeights& weights, const NetworkInput& input, const float* d_prediction,
                const NetworkGradients& wanted);

 private:
  struct LayerState {
    Floats product;  // (M, 2H) [h·W1 | h·W2]
    Floats mixed;    // (M, 2H) relu of the aggregated products
    Floats x_hat;    // (M, H)
    Floats rstd;     // (M)
    Floats mask;     // (M, H)
    Floats y;        // (M, H)
  };
  void reserve(int graphs, int nodes, bool dropout);
  void forward_layer(int l, const NetworkWeights& weights, const NetworkInput& input, const float* h, bool masked);
  void forward_classes(const NetworkWeights& weights, const NetworkInput& input, bool masked);
  void backward_layer(int l, const NetworkWeights& weights, const NetworkInput& input, const NetworkGradients& wanted);
  void backward_classes(const NetworkWeights& weights, const BatchClasses& classes, int rows, float* gradient);

  const ModelConfig config_;
  const ParameterLayout& layout_;
  const Kernels& k_;
  std::vector<LayerState> layers_;
  PooledHead head_;
  Floats d_y_, d_mixed_, d_product_;  // (M, H), (M, 2H), (M, 2H)
  bool dropped_ = false;
};

}  // namespace optiproxy::cpu
