#include "model.h"

#include <algorithm>
#include <cmath>

#include "error.h"
#include "random.h"

namespace optiproxy {

void check_model(const ModelConfig& c) {
  auto range = [](const char* name, int value, int low, int high) {
    require(value >= low && value <= high, std::string("model.") + name + ": expected " + std::to_string(low) + ".." +
                                               std::to_string(high) + ", given " + std::to_string(value));
  };
  range("features", c.features, 1, 4096);
  range("hidden", c.hidden, 1, 4096);
  range("layers", c.layers, 1, 64);
  range("outputs", c.outputs, 1, 256);
}

ParameterLayout::ParameterLayout(const ModelConfig& config) {
  check_model(config);
  const auto h = static_cast<size_t>(config.hidden);
  for (int l = 0; l < config.layers; ++l) {
    const int fan_in = l == 0 ? config.features : config.hidden;
    const auto f = static_cast<size_t>(fan_in);
    const std::string conv = "conv" + std::to_string(l) + ".";
    LayerViews v{};
    v.fan_in = fan_in;
    v.weight_out = append(conv + "weight_out", f * h);
    v.weight_in = append(conv + "weight_in", f * h);
    v.linear_weight = append(conv + "linear.weight", 2 * h * h);
    v.linear_bias = append(conv + "linear.bias", h);
    v.norm_gain = append(conv + "norm.gain", h);
    v.norm_bias = append(conv + "norm.bias", h);
    layers_.push_back(v);
  }
  head_ = append("head.weight", h * static_cast<size_t>(config.outputs));
}

size_t ParameterLayout::append(std::string name, size_t length) {
  const size_t offset = size_;
  views_.push_back({std::move(name), offset, length});
  size_ += length;
  return offset;
}

void initialise_parameters(const ModelConfig& config, uint64_t seed, uint32_t member, uint32_t round,
                           std::span<float> parameters) {
  const ParameterLayout layout(config);
  require(parameters.size() == layout.size(), "initialise: parameter buffer has the wrong length");
  Rng rng({seed, Purpose::kInitialise, member, round, 0});
  const auto h = static_cast<size_t>(config.hidden);
  auto uniform = [&](size_t offset, size_t length, double bound) {
    for (size_t i = 0; i < length; ++i) parameters[offset + i] = static_cast<float>((rng.uniform() * 2 - 1) * bound);
  };
  for (int l = 0; l < config.layers; ++l) {
    const LayerViews& v = layout.layer(l);
    const auto f = static_cast<size_t>(v.fan_in);
    const double xavier = std::sqrt(6.0 / static_cast<double>(f + h));
    const double linear = std::sqrt(1.0 / static_cast<double>(2 * h));
    uniform(v.weight_out, f * h, xavier);
    uniform(v.weight_in, f * h, xavier);
    uniform(v.linear_weight, 2 * h * h, linear);
    uniform(v.linear_bias, h, linear);
    std::fill_n(parameters.begin() + static_cast<std::ptrdiff_t>(v.norm_gain), h, 1.0f);
    std::fill_n(parameters.begin() + static_cast<std::ptrdiff_t>(v.norm_bias), h, 0.0f);
  }
  uniform(layout.head(), h * static_cast<size_t>(config.outputs), std::sqrt(1.0 / static_cast<double>(h)));
}

}  // namespace optiproxy
