#include "network.h"

namespace optiproxy::cpu {

namespace {

using AnyNetwork = std::variant<Gcn, Mlp, Transformer>;

AnyNetwork make(const ModelConfig& config, const ParameterLayout& layout, const Kernels& kernels) {
  switch (config.kind) {
    case NetworkKind::kMlp:
      return AnyNetwork(std::in_place_type<Mlp>, config, layout, kernels);
    case NetworkKind::kTransformer:
      return AnyNetwork(std::in_place_type<Transformer>, config, layout, kernels);
    case NetworkKind::kGcn:
      break;
  }
  return AnyNetwork(std::in_place_type<Gcn>, config, layout, kernels);
}

}  // namespace

Network::Network(const ModelConfig& config, const ParameterLayout& layout, const Kernels& kernels)
    : kind_(make(config, layout, kernels)) {}

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
