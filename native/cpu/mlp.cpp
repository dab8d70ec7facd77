#include "mlp.h"

#include <algorithm>

namespace optiproxy::cpu {
namespace {

size_t z(int64_t n) { return static_cast<size_t>(n); }

}  // namespace

Mlp::Mlp(const ModelConfig& config, const ParameterLayout& layout, const Kernels& kernels)
    : config_(config),
      layout_(layout),
      k_(kernels),
      rows_(z(config.nodes) * z(config.features)),
      inputs_(rows_ + config.free_edges.size()),
      column_(z(config.nodes) * z(config.nodes), -1),
      layers_(z(config.layers)) {
  for (size_t e = 0; e < config.free_edges.size(); ++e) {
    column_[z(config.free_edges[e])] = static_cast<int32_t>(rows_ + e);
  }
}

/// Padding counts as zeros.
void Mlp::flatten(const NetworkInput& input) {
  grow(flat_, z(input.graphs) * inputs_);
  for (int g = 0; g < input.graphs; ++g) {
    const int size = input.sizes[g];
    float* flat = flat_.data() + z(g) * inputs_;
    const size_t real = z(size) * z(config_.features);
    std::copy_n(input.x + z(g) * rows_, real, flat);
    std::fill(flat + real, flat + inputs_, 0.0f);
    if (config_.free_edges.empty()) continue;
    const SparseRows edges = input.topology->rows(kOut, input.at(g));
    for (int i = 0; i < size; ++i) {
      for (int32_t e = edges.start[i]; e < edges.start[i + 1]; ++e) {
        const int32_t to = edges.column[e], column = column_[z(i) * z(input.nodes) + z(to)];
        if (column >= 0 && to < size) flat[column] = edges.weight[e];
      }
    }
  }
}

/// Hands the inputs' gradient out to where they came from.
void Mlp::unflatten(const NetworkInput& input, const NetworkGradients& wanted) {
  const size_t n = z(input.nodes);
  if (wanted.out != nullptr) {
    std::fill_n(wanted.out, z(input.graphs) * n * n, 0.0f);
    std::fill_n(wanted.back, z(input.graphs) * n * n, 0.0f);
  }
  for (int g = 0; g < input.graphs; ++g) {
    const size_t size = z(input.sizes[g]), real = size * z(config_.features);
    const float* d_flat = d_flat_.data() + z(g) * inputs_;
    if (wanted.x != nullptr) {
      std::copy_n(d_flat, real, wanted.x + z(g) * rows_);
      std::fill_n(wanted.x + z(g) * rows_ + real, rows_ - real, 0.0f);
    }
    if (wanted.out == nullptr) continue;
    for (int32_t place : config_.free_edges) {
      if (z(place) / n < size && z(place) % n < size) wanted.out[z(g) * n * n + z(place)] = d_flat[column_[z(place)]];
    }
  }
}

void Mlp::forward(const NetworkWeights& weights, const NetworkInput& input, const Dropout* dropout, float* prediction) {
  const int h = config_.hidden, b = input.graphs;
  const size_t size = z(b) * z(h);
  for (auto* v : {&y_, &d_y_, &d_u_}) grow(*v, size);
  flatten(input);
  const float* x = flat_.data();
  for (int l = 0; l < config_.layers; ++l) {
    const DenseViews& v = layout_.dense(l);
    LayerState& s = layers_[z(l)];
    for (auto* buffer : {&s.x_hat, &s.activated, &s.slope}) grow(*buffer, size);
    grow(s.rstd, z(b));
    if (dropout != nullptr) {
      grow(s.mask, size);
      dropout->draw(k_, static_cast<uint32_t>(l), size, s.mask.data());
    }
    k_.gemm(b, h, v.fan_in, x, v.fan_in, 1, weights.at(v.weight), h, s.x_hat.data(), h, kStore);
    k_.layer_norm(b, h, s.x_hat.data(), weights.at(v.bias), weights.at(v.norm_gain), weights.at(v.norm_bias), nullptr,
                  s.x_hat.data(), s.rstd.data(), y_.data());
    k_.gelu(int64_t{b} * h, y_.data(), dropout != nullptr ? s.mask.data() : nullptr, s.activated.data(),
            s.slope.data());
    x = s.activated.data();
  }
  k_.gemm(b, config_.outputs, h, x, h, 1, weights.at(layout_.head()), config_.outputs, prediction, config_.outputs,
          kStore);
}

void Mlp::backward(const NetworkWeights& weights, const NetworkInput& input, const float* d_prediction,
                   const NetworkGradients& wanted) {
  const int h = config_.hidden, b = input.graphs, o = config_.outputs;
  float* p = wanted.parameters;
  if (p != nullptr) {
    k_.gemm(h, o, b, layers_.back().activated.data(), 1, h, d_prediction, o, p + layout_.head(), o, kStore);
  }
  k_.gemm(b, h, o, d_prediction, o, 1, weights.transposed_at(layout_.head()), h, d_y_.data(), h, kStore);
  for (int l = config_.layers - 1; l >= 0; --l) {
    const DenseViews& v = layout_.dense(l);
    LayerState& s = layers_[z(l)];
    if (p != nullptr) {
      for (size_t view : {v.bias, v.norm_gain, v.norm_bias}) std::fill_n(p + view, h, 0.0f);
    }
    // The activation's slope multiplies like a mask.
    k_.layer_norm_backward(b, h, d_y_.data(), weights.at(v.norm_gain), s.slope.data(), s.x_hat.data(), s.rstd.data(),
                           d_u_.data(), p ? p + v.bias : nullptr, p ? p + v.norm_gain : nullptr,
                           p ? p + v.norm_bias : nullptr);
    const float* x = l == 0 ? flat_.data() : layers_[z(l - 1)].activated.data();
    if (p != nullptr) k_.gemm(v.fan_in, h, b, x, 1, v.fan_in, d_u_.data(), h, p + v.weight, h, kStore);
    if (l > 0) k_.gemm(b, h, h, d_u_.data(), h, 1, weights.transposed_at(v.weight), h, d_y_.data(), h, kStore);
  }
  if (wanted.x == nullptr && wanted.out == nullptr) return;
  grow(d_flat_, z(b) * inputs_);
  std::fill_n(d_flat_.data(), z(b) * inputs_, 0.0f);
  k_.row_dots(b, static_cast<int>(inputs_), h, d_u_.data(), h, weights.at(layout_.dense(0).weight), h, d_flat_.data());
  unflatten(input, wanted);
}

}  // namespace optiproxy::cpu
