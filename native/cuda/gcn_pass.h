// Forward and backward pass of K members' GCNs (paper §3.1), each on B graphs of N nodes, in launches of all members.
// The steps are those of cpu/gcn.cpp.  M = B*N rows, H hidden, F features, O outputs.
#pragma once

#include <vector>

#include "../core/model.h"
#include "clock.h"
#include "device.h"
#include "kernels.h"

namespace optiproxy::cuda {

/// Parameters (P) of members, `step` floats apart; gradients likewise.
struct Parameters {
  float* data;
  int64_t step;
};

/// Graphs of each member.
struct PassInput {
  const float* x;  // (B, N, F) of each member, `x_member` floats apart: 0 where members share them
  int64_t x_member;
  Adjacencies adjacencies;
  Sizes sizes;
};

/// Which random numbers drop activations out.
struct DropoutPlan {
  float rate = 0;  // 0: none
  uint64_t seed = 0;
  uint32_t round = 0;
  Clock clock{};
};

/// What backward shall compute; null pointers are left out.  `out` and `back` go together.
struct PassGradients {
  float* parameters = nullptr;  // (P) of each member, as far apart as the parameters
  float* x = nullptr;           // (K, B, N, F)
  float* out = nullptr;         // (K, B, N, N)
  float* back = nullptr;        // likewise
};

enum class Backward { kNever, kLater };

class GcnPass {
 public:
  GcnPass(const ModelConfig& config, const ParameterLayout& layout) : config_(config), layout_(layout) {}
  /// Takes room for activations, and where a backward pass comes later for what it needs.
  void place(Arena& arena, int members, int graphs, int nodes, Backward backward, bool dropout);
  /// prediction (K, B, O) of as many members and graphs as there is room for, or fewer graphs.
  void forward(DeviceStream stream, int graphs, const Parameters& weights, const PassInput& input,
               const DropoutPlan& dropout, float* prediction);
  /// Gradients of the last forward from d_prediction (K, B, O).
  void backward(DeviceStream stream, const Parameters& weights, const PassInput& input, const float* d_prediction,
                const PassGradients& wanted);

 private:
  struct Layer {
    float* product;  // (K, M, 2H)
    float* mixed;    // (K, M, 2H)
    float* x_hat;    // (K, M, H)
    float* rstd;     // (K, M)
    float* mask;     // (K, M, H)
    float* y;        // (K, M, H)
  };
  void draw_mask(DeviceStream stream, const DropoutPlan& dropout, uint32_t place, int64_t count, float* mask) const;
  void forward_layer(DeviceStream stream, int l, const Parameters& weights, const PassInput& input, const float* x,
                     int64_t x_member, bool masked);
  void backward_layer(DeviceStream stream, int l, const Parameters& weights, const PassInput& input,
                      const PassGradients& wanted);
  /// c (K, m, n; ldc) of A (K, m, k) and B (K, k, n).
  void multiply(DeviceStream stream, int m, int n, int k, const Matrices& a, const Matrices& b, float* c, int64_t ldc,
                int64_t c_step, bool accumulate = false) const;

  const ModelConfig config_;
  const ParameterLayout& layout_;
  int members_ = 0, graphs_ = 0, nodes_ = 0;
  bool dropped_ = false;
  std::vector<Layer> layers_;
  float *activated_ = nullptr, *slope_ = nullptr, *head_mask_ = nullptr, *d_activated_ = nullptr;  // (K, B, H)
  float *d_y_ = nullptr, *d_u_ = nullptr;                                                          // (K, M, H)
  float *d_mixed_ = nullptr, *d_product_ = nullptr;                                                // (K, M, 2H)
};

}  // namespace optiproxy::cuda
