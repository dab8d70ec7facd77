// One member's parameters, as passes read them and the optimiser moves them.
#pragma once

#include "../core/model.h"
#include "aligned.h"
#include "kernels.h"

namespace optiproxy::cpu {

/// Parameters and the transposes that backward multiplies with.
class NetworkWeights {
 public:
  /// At parameters (P) that somebody else owns and may change; `transpose` must follow before a backward pass.
  NetworkWeights(const ParameterLayout& layout, const Kernels& kernels, float* parameters);
  /// Makes the transposes afresh.
  void transpose();
  /// One step over all parameters and their moments (P); keeps the transposes.
  void adamw(const AdamWStep& step, const float* gradient, float* m, float* v);
  const float* at(size_t offset) const { return p_ + offset; }
  /// The matrix at `offset`, transposed.
  const float* transposed_at(size_t offset) const { return transposed_.data() + offset; }

 private:
  const ParameterLayout& layout_;
  const Kernels& k_;
  float* p_;
  Floats transposed_;
};

}  // namespace optiproxy::cpu
