// From node rows to predictions: the mean over the real nodes, an exact GELU, dropout, a linear map without bias.
#pragma once

#include "aligned.h"
#include "pass.h"
#include "weights.h"

namespace optiproxy::cpu {

class PooledHead {
 public:
  PooledHead(const ModelConfig& config, const ParameterLayout& layout, const Kernels& kernels);
  /// prediction (B, O) of rows (M, H).
  void forward(const NetworkWeights& weights, const NetworkInput& input, const float* rows, const Dropout* dropout,
               float* prediction);
  /// d_rows (M, H) of the last forward from d_prediction (B, O), and the head's part of the parameters' gradient (P)
  /// unless that is null.
  void backward(const NetworkWeights& weights, const NetworkInput& input, const float* d_prediction, float* parameters,
                float* d_rows);

 private:
  const int hidden_, outputs_;
  const size_t at_;  // of the linear map
  const Kernels& k_;
  Floats pooled_, activated_, slope_, mask_, d_pooled_;  // (B, H)
};

}  // namespace optiproxy::cpu
