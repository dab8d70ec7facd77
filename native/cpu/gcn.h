// Forward and backward pass of one GCN on one batch (paper §3.1; numerics: docs/architecture.md).  B graphs of N nodes,
// M = B*N rows, H hidden, F features, O outputs.  Owns the activations that backward needs; not thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "../core/model.h"
#include "../core/random.h"
#include "kernels.h"

namespace optiproxy::cpu {

/// One batch by reference.
struct GcnInput {
  int graphs;                // B
  int nodes;                 // N
  const float* x;            // (B, N, F)
  const float* const* out;   // B pointers to (N, N)
  const float* const* back;  // likewise
  const int32_t* sizes;      // (B)
};

/// Which random numbers drop activations out.
struct Dropout {
  float rate;
  uint64_t seed;
  uint32_t member;
  uint32_t round;
  uint32_t step;
};

/// One member's parameters and the transposes that backward multiplies with.
class GcnWeights {
 public:
  GcnWeights(const ModelConfig& config, const ParameterLayout& layout, const Kernels& kernels);
  /// Points at new values (P); remake the transposes with `transpose` before a backward pass.
  void set(const float* parameters) { p_ = parameters; }
  void transpose();
  const float* at(size_t offset) const { return p_ + offset; }
  /// The matrix at `offset`, transposed.
  const float* transposed_at(size_t offset) const { return transposed_.data() + offset; }

 private:
  const ModelConfig config_;
  const ParameterLayout& layout_;
  const Kernels& k_;
  const float* p_ = nullptr;
  std::vector<float> transposed_;
};

/// What backward shall compute; null pointers are left out and cost nothing.
struct GcnGradients {
  float* parameters = nullptr;  // (P), overwritten
  float* x = nullptr;           // (B, N, F), overwritten
  float* out = nullptr;         // (B, N, N), overwritten
  float* back = nullptr;        // likewise
};

class Gcn {
 public:
  Gcn(const ModelConfig& config, const ParameterLayout& layout, const Kernels& kernels);
  /// prediction (B, O).  `dropout` null: none.
  void forward(const GcnWeights& weights, const GcnInput& input, const Dropout* dropout, float* prediction);
  /// Gradients of the last forward, of the same weights and input, from d_prediction (B, O).
  void backward(const GcnWeights& weights, const GcnInput& input, const float* d_prediction,
                const GcnGradients& wanted);

 private:
  struct LayerState {
    std::vector<float> product;  // (M, 2H) [h·W1 | h·W2]
    std::vector<float> mixed;    // (M, 2H) relu of the aggregated products
    std::vector<float> x_hat;    // (M, H)
    std::vector<float> rstd;     // (M)
    std::vector<float> mask;     // (M, H)
    std::vector<float> y;        // (M, H)
  };
  void reserve(int graphs, int nodes, bool dropout);
  void forward_layer(int l, const GcnWeights& weights, const GcnInput& input, const float* h, bool masked);
  void backward_layer(int l, const GcnWeights& weights, const GcnInput& input, const GcnGradients& wanted);
  void draw_mask(const Dropout& dropout, uint32_t layer, size_t count, float* mask) const;

  const ModelConfig config_;
  const ParameterLayout& layout_;
  const Kernels& k_;
  std::vector<LayerState> layers_;
  std::vector<float> pooled_, activated_, slope_, head_mask_;  // (B, H)
  std::vector<float> d_pooled_;                                // (B, H)
  std::vector<float> d_y_, d_mixed_, d_product_;               // (M, H), (M, 2H), (M, 2H)
  bool dropped_ = false;
};

}  // namespace optiproxy::cpu
