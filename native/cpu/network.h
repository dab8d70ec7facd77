// Whichever network a model asks for, behind one set of passes.
#pragma once

#include <variant>

#include "gcn.h"
#include "mlp.h"
#include "transformer.h"

namespace optiproxy::cpu {

/// Which networks read a first layer's repeating rows instead of dense features.
inline bool reads_classes(NetworkKind kind) { return kind == NetworkKind::kGcn; }

/// Owns the activations that backward needs; not thread-safe.
class Network {
 public:
  Network(const ModelConfig& config, const ParameterLayout& layout, const Kernels& kernels);
  /// prediction (B, O).  `dropout` null: none.
  void forward(const NetworkWeights& weights, const NetworkInput& input, const Dropout* dropout, float* prediction);
  /// Gradients of the last forward, of the same weights and input, from d_prediction (B, O).
  void backward(const NetworkWeights& weights, const NetworkInput& input, const float* d_prediction,
                const NetworkGradients& wanted);

 private:
  std::variant<Gcn, Mlp, Transformer> kind_;
};

}  // namespace optiproxy::cpu
