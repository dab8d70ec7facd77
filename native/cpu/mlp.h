// A multilayer perceptron on the flat encoding: all node rows, then the adjacency's entries that genes decide.  B
// graphs of N nodes, I = N*F + E inputs, H hidden, O outputs.
#pragma once

#include <vector>

#include "aligned.h"
#include "pass.h"
#include "weights.h"

namespace optiproxy::cpu {

/// Each layer is gelu(LN(x·W + b)), then dropout.  Owns the activations that backward needs; not thread-safe.
class Mlp {
 public:
  Mlp(const ModelConfig& config, const ParameterLayout& layout, const Kernels& kernels);
  /// As Gcn's.
  void forward(const NetworkWeights& weights, const NetworkInput& input, const Dropout* dropout, float* prediction);
  void backward(const NetworkWeights& weights, const NetworkInput& input, const float* d_prediction,
                const NetworkGradients& wanted);

 private:
  struct LayerState {
    Floats x_hat;      // (B, H)
    Floats rstd;       // (B)
    Floats mask;       // (B, H)
    Floats activated;  // (B, H)
    Floats slope;      // (B, H) of the activation, mask included
  };
  void flatten(const NetworkInput& input);
  void unflatten(const NetworkInput& input, const NetworkGradients& wanted);

  const ModelConfig config_;
  const ParameterLayout& layout_;
  const Kernels& k_;
  const size_t rows_, inputs_;   // N*F, I
  std::vector<int32_t> column_;  // (N, N) place of an adjacency's entry among the inputs, or -1
  std::vector<LayerState> layers_;
  Floats flat_, d_flat_;  // (B, I)
  Floats y_, d_y_, d_u_;  // (B, H)
};

}  // namespace optiproxy::cpu
