// A small transformer over the nodes of a graph.  B graphs of N nodes, M = B*N rows, H hidden, F features, O outputs.
#pragma once

#include <vector>

#include "attention.h"
#include "head.h"

namespace optiproxy::cpu {

/// A token a node: its features' embedding plus that of its place.  Blocks of attention and feed-forward, each
/// normalised before and added to the stream after (pre-LN); a last norm, then the pooled head.  Owns the activations
/// that backward needs; not thread-safe.
class Transformer {
 public:
  Transformer(const ModelConfig& config, const ParameterLayout& layout, const Kernels& kernels);
  /// As Gcn's.
  void forward(const NetworkWeights& weights, const NetworkInput& input, const Dropout* dropout, float* prediction);
  void backward(const NetworkWeights& weights, const NetworkInput& input, const float* d_prediction,
                const NetworkGradients& wanted);

 private:
  struct NormState {
    Floats x_hat;  // (M, H)
    Floats rstd;   // (M)
    Floats y;      // (M, H)
  };
  struct BlockState {
    NormState before_attention, before_map;
    Floats qkv;                       // (M, 3A)
    Floats chances;                   // (B, heads, N, N)
    Floats context;                   // (M, A)
    Floats activated, slope;          // (M, 2H)
    Floats attention_mask, map_mask;  // (M, H)
  };
  /// Where a linear map (in, out) and its bias (out) are.
  struct Linear {
    size_t weight, bias;
    int in, out;
  };
  void reserve(const NetworkInput& input, bool dropout);
  void norm(const NetworkWeights& weights, const NormViews& views, NormState& state);
  void add_to_stream(const NetworkWeights& weights, const Linear& map, const float* x, const float* mask);
  const float* masked_gradient(const Floats& mask);
  void backward_linear(const NetworkWeights& weights, const Linear& map, const float* x, const float* d_y,
                       float* parameters, float* d_x);
  void backward_norm(const NetworkWeights& weights, const NormViews& views, NormState& state, const float* d_y,
                     float* parameters);
  void forward_block(int l, const NetworkWeights& weights, const NetworkInput& input, const Dropout* dropout);
  void backward_block(int l, const NetworkWeights& weights, const NetworkInput& input, const NetworkGradients& wanted);

  const ModelConfig config_;
  const ParameterLayout& layout_;
  const Kernels& k_;
  const int width_;  // A
  int rows_ = 0;     // M
  bool dropped_ = false;
  Attention attention_;
  std::vector<BlockState> blocks_;
  NormState last_;
  PooledHead head_;
  Floats stream_, d_stream_;         // (M, H)
  Floats added_, d_added_, d_rows_;  // (M, H) what a block adds; gradients of that and of normalised rows
  Floats wide_, d_wide_;             // (M, 2H)
  Floats d_qkv_, d_context_;         // (M, 3A), (M, A)
  Floats no_bias_, d_no_bias_;       // (H) norms here follow no linear map
};

}  // namespace optiproxy::cpu
