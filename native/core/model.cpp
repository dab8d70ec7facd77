#include "model.h"

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
  if (c.kind == NetworkKind::kGcn) return;
  range("nodes", c.nodes, 1, 256);
  for (int32_t place : c.free_edges) range("freeEdges", place, 0, c.nodes * c.nodes - 1);
}

namespace {

constexpr Fresh kOnes{0, 1}, kZeros{0, 0}, kEmbedding{1, 0};
/// Adjacencies are at most 1: wide enough that heads differ in which edges they follow from the first step on.
constexpr Fresh kLeans{2, 0};

Fresh uniform(double bound) { return {bound, 0}; }

/// PyTorch's default of a linear map and its bias.
Fresh linear(int fan_in) { return uniform(std::sqrt(1.0 / static_cast<double>(fan_in))); }

}  // namespace

ParameterLayout::ParameterLayout(const ModelConfig& config) {
  check_model(config);
  switch (config.kind) {
    case NetworkKind::kGcn:
      append_gcn(config);
      break;
    case NetworkKind::kMlp:
      append_mlp(config);
      break;
    case NetworkKind::kTransformer:
      append_transformer(config);
      break;
  }
  head_ = append_matrix("head.weight", config.hidden, config.outputs, linear(config.hidden));
}

void ParameterLayout::append_gcn(const ModelConfig& config) {
  const auto h = static_cast<size_t>(config.hidden);
  for (int l = 0; l < config.layers; ++l) {
    const int fan_in = l == 0 ? config.features : config.hidden;
    const auto f = static_cast<size_t>(fan_in);
    const Fresh xavier = uniform(std::sqrt(6.0 / static_cast<double>(f + h))), map = linear(2 * config.hidden);
    const std::string conv = "conv" + std::to_string(l) + ".";
    LayerViews v{};
    v.fan_in = fan_in;
    // No pass multiplies with the transposes of the first layer's W1 and W2.
    v.weight_out = l == 0 ? append(conv + "weight_out", f * h, xavier)
                          : append_matrix(conv + "weight_out", fan_in, config.hidden, xavier);
    v.weight_in = l == 0 ? append(conv + "weight_in", f * h, xavier)
                         : append_matrix(conv + "weight_in", fan_in, config.hidden, xavier);
    v.linear_weight = append_matrix(conv + "linear.weight", 2 * config.hidden, config.hidden, map);
    v.linear_bias = append(conv + "linear.bias", h, map);
    v.norm_gain = append(conv + "norm.gain", h, kOnes);
    v.norm_bias = append(conv + "norm.bias", h, kZeros);
    layers_.push_back(v);
  }
}

void ParameterLayout::append_mlp(const ModelConfig& config) {
  const auto h = static_cast<size_t>(config.hidden);
  for (int l = 0; l < config.layers; ++l) {
    const int inputs = config.nodes * config.features + static_cast<int>(config.free_edges.size());
    const std::string layer = "layer" + std::to_string(l) + ".";
    DenseViews v{};
    v.fan_in = l == 0 ? inputs : config.hidden;
    const Fresh map = linear(v.fan_in);
    // No pass multiplies with the first layer's transpose.
    v.weight = l == 0 ? append(layer + "weight", static_cast<size_t>(v.fan_in) * h, map)
                      : append_matrix(layer + "weight", v.fan_in, config.hidden, map);
    v.bias = append(layer + "bias", h, map);
    v.norm_gain = append(layer + "norm.gain", h, kOnes);
    v.norm_bias = append(layer + "norm.bias", h, kZeros);
    dense_.push_back(v);
  }
}

void ParameterLayout::append_transformer(const ModelConfig& config) {
  const int h = config.hidden, a = attention_width(h);
  const auto width = static_cast<size_t>(h);
  embedding_.weight = append("embedding.weight", static_cast<size_t>(config.features) * width, kEmbedding);
  embedding_.place = append("embedding.place", static_cast<size_t>(config.nodes) * width, kEmbedding);
  for (int l = 0; l < config.layers; ++l) {
    const std::string block = "block" + std::to_string(l) + ".";
    BlockViews v{};
    v.attention_norm = append_norm(block + "attention.norm", h);
    v.qkv = append_matrix(block + "attention.qkv", h, 3 * a, linear(h));
    v.leans = append(block + "attention.leans", 2 * kAttentionHeads, kLeans);
    v.out_weight = append_matrix(block + "attention.out.weight", a, h, linear(a));
    v.out_bias = append(block + "attention.out.bias", width, linear(a));
    v.map_norm = append_norm(block + "map.norm", h);
    v.up_weight = append_matrix(block + "map.up.weight", h, 2 * h, linear(h));
    v.up_bias = append(block + "map.up.bias", 2 * width, linear(h));
    v.down_weight = append_matrix(block + "map.down.weight", 2 * h, h, linear(2 * h));
    v.down_bias = append(block + "map.down.bias", width, linear(2 * h));
    blocks_.push_back(v);
  }
  last_norm_ = append_norm("norm", h);
}

NormViews ParameterLayout::append_norm(const std::string& name, int hidden) {
  const auto h = static_cast<size_t>(hidden);
  const size_t gain = append(name + ".gain", h, kOnes);
  return {gain, append(name + ".bias", h, kZeros)};
}

size_t ParameterLayout::append(std::string name, size_t length, Fresh fresh) {
  const size_t offset = size_;
  views_.push_back({std::move(name), offset, length, fresh});
  size_ += length;
  return offset;
}

size_t ParameterLayout::append_matrix(std::string name, int rows, int columns, Fresh fresh) {
  matrices_.push_back({size_, rows, columns});
  return append(std::move(name), static_cast<size_t>(rows) * static_cast<size_t>(columns), fresh);
}

void initialise_parameters(const ModelConfig& config, uint64_t seed, uint32_t member, uint32_t round,
                           std::span<float> parameters) {
  const ParameterLayout layout(config);
  require(parameters.size() == layout.size(), "initialise: parameter buffer has the wrong length");
  Rng rng({seed, Purpose::kInitialise, member, round, 0});
  for (const NamedView& view : layout.views()) {
    for (float& p : parameters.subspan(view.offset, view.length)) {
      p = view.fresh.bound > 0 ? static_cast<float>((rng.uniform() * 2 - 1) * view.fresh.bound) : view.fresh.constant;
    }
  }
}

}  // namespace optiproxy
