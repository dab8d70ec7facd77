#include "network.h"

namespace optiproxy::cpu {

Network::Network(const ModelConfig& config, const ParameterLayout& layout, const Kernels& kernels)
    : kind_(std::in_place_type<Gcn>, config, layout, kernels) {}

void Network::forward(const NetworkWeights& weights, const NetworkInput& input, const Dropout* dropout,
                      float* prediction) {
  const Dropout* used = dropout != nullptr && dropout->rate > 0 ? dropout : nullptr;
  std::visit([&](auto& network) { network.forward(weights, input, used, prediction); }, kind_);
}

void Network::backward(const NetworkWeights& weights, const NetworkInput& input, const float* d_prediction,
                       const NetworkGradients& wanted) {
  std::visit([&](auto& network) { network.backward(weights, input, d_prediction, wanted); }, kind_);
}

}  // namespace optiproxy::cpu
