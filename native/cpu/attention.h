// Multi-head self-attention among the real nodes of each graph, whose logits lean on the graph's edges.  B graphs of N
// nodes, M = B*N rows, A = heads * D columns.
#pragma once

#include "../core/model.h"
#include "aligned.h"
#include "pass.h"

namespace optiproxy::cpu {

/// softmax over j of q_i·k_j / sqrt(D) + lean_out * out_ij + lean_back * back_ij, with two numbers a head.  Not
/// thread-safe.
class Attention {
 public:
  Attention(const ModelConfig& config, const Kernels& kernels);
  /// Reads the adjacencies of a batch, which the calls below are then about.
  void begin(const NetworkInput& input);
  /// context (M, A) of qkv (M, 3A) and leans (heads, 2).  `chances` (B, heads, N, N) is kept for backward.
  void forward(const NetworkInput& input, const float* leans, const float* qkv, float* chances, float* context) const;
  /// d_qkv (M, 3A) from d_context (M, A).  d_leans (heads, 2), unless null, is added to; so is the adjacencies'
  /// gradient where it is wanted.
  void backward(const NetworkInput& input, const float* leans, const float* qkv, const float* chances,
                const float* d_context, float* d_qkv, float* d_leans, bool adjacency);
  /// Gradients (B, N, N) of both adjacencies, overwritten with what the backward passes since `begin` gave.
  void gradient_of_sides(const NetworkInput& input, float* out, float* back) const;

 private:
  const int width_, depth_;  // A, D
  const float scale_;        // 1 / sqrt(D)
  const Kernels& k_;
  Floats sides_, d_sides_;  // (B, 2, n, n) of n real nodes, N*N apart: out and back times sqrt(D)
  Floats d_logits_;         // (heads, n, n)
};

}  // namespace optiproxy::cpu
