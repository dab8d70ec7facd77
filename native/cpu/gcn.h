// Forward and backward pass of one GCN on one batch (paper §3.1; numerics: docs/architecture.md).  B graphs of N nodes,
// M = B*N rows, H hidden, F features, O outputs.  Owns the activations that backward needs; not thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "../core/model.h"
#include "../core/random.h"
#include "aligned.h"
#include "kernels.h"
#include "topology.h"

namespace optiproxy::cpu {

/// One batch by reference.
struct GcnInput {
  int graphs;                   // B
  int nodes;                    // N
  const int32_t* sizes;         // (B)
  const Topology* topology;     // of these graphs or of more
  const int32_t* index;         // (B) where each graph stands in the topology; null: 0, 1, 2...
  const float* x;               // (B, N, F); null where `classes` stand for it
  const BatchClasses* classes;  // rows of the first layer that repeat; null where x is given

  int at(int graph) const { return index == nullptr ? graph : index[graph]; }
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
  /// At parameters (P) that somebody else owns and may change; `transpose` must follow before a backward pass.
  GcnWeights(const ModelConfig& config, const ParameterLayout& layout, const Kernels& kernels, float* parameters);
  /// Makes the transposes afresh.
  void transpose();
  /// One step over all parameters and their moments (P); keeps the transposes.
  void adamw(const AdamWStep& step, const float* gradient, float* m, float* v);
  const float* at(size_t offset) const { return p_ + offset; }
  /// The matrix at `offset`, transposed.
  const float* transposed_at(size_t offset) const { return transposed_.data() + offset; }

 private:
  struct Matrix {
    size_t offset;
    int rows, columns;
  };
  const Kernels& k_;
  const size_t size_;
  float* p_;
  std::vector<Matrix> matrices_;  // in the order of their offsets
  Floats transposed_;
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
    Floats product;  // (M, 2H) [h·W1 | h·W2]
    Floats mixed;    // (M, 2H) relu of the aggregated products
    Floats x_hat;    // (M, H)
    Floats rstd;     // (M)
    Floats mask;     // (M, H)
    Floats y;        // (M, H)
  };
  void reserve(int graphs, int nodes, bool dropout);
  void forward_layer(int l, const GcnWeights& weights, const GcnInput& input, const float* h, bool masked);
  void forward_classes(const GcnWeights& weights, const GcnInput& input, bool masked);
  void backward_pool(const GcnWeights& weights, const GcnInput& input, const float* d_prediction);
  void backward_layer(int l, const GcnWeights& weights, const GcnInput& input, const GcnGradients& wanted);
  void backward_classes(const GcnWeights& weights, const BatchClasses& classes, int rows, float* gradient);
  void draw_mask(const Dropout& dropout, uint32_t layer, size_t count, float* mask) const;

  const ModelConfig config_;
  const ParameterLayout& layout_;
  const Kernels& k_;
  std::vector<LayerState> layers_;
  Floats pooled_, activated_, slope_, head_mask_;  // (B, H)
  Floats d_pooled_;                                // (B, H)
  Floats d_y_, d_mixed_, d_product_;               // (M, H), (M, 2H), (M, 2H)
  bool dropped_ = false;
};

}  // namespace optiproxy::cpu
