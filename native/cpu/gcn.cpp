#include "gcn.h"

#include <algorithm>
#include <cmath>

namespace optiproxy::cpu {

GcnWeights::GcnWeights(const ModelConfig& config, const ParameterLayout& layout, const Kernels& kernels)
    : config_(config), layout_(layout), k_(kernels) {}

void GcnWeights::transpose() {
  transposed_.resize(layout_.size());
  const int h = config_.hidden;
  auto flip = [&](size_t offset, int rows, int columns) {
    k_.transpose(rows, columns, p_ + offset, transposed_.data() + offset);
  };
  for (int l = 0; l < config_.layers; ++l) {
    const LayerViews& v = layout_.layer(l);
    flip(v.weight_out, v.fan_in, h);
    flip(v.weight_in, v.fan_in, h);
    flip(v.linear_weight, 2 * h, h);
  }
  flip(layout_.head(), h, config_.outputs);
}

Gcn::Gcn(const ModelConfig& config, const ParameterLayout& layout, const Kernels& kernels)
    : config_(config), layout_(layout), k_(kernels), layers_(static_cast<size_t>(config.layers)) {}

void Gcn::reserve(int graphs, int nodes, bool dropout) {
  const auto b = static_cast<size_t>(graphs), m = b * static_cast<size_t>(nodes),
             h = static_cast<size_t>(config_.hidden);
  auto grow = [](std::vector<float>& v, size_t n) {
    if (v.size() < n) v.resize(n);
  };
  for (LayerState& s : layers_) {
    grow(s.product, m * 2 * h);
    grow(s.mixed, m * 2 * h);
    grow(s.x_hat, m * h);
    grow(s.rstd, m);
    grow(s.y, m * h);
    if (dropout) grow(s.mask, m * h);
  }
  for (auto* v : {&pooled_, &activated_, &slope_, &d_pooled_}) grow(*v, b * h);
  if (dropout) grow(head_mask_, b * h);
  grow(d_y_, m * h);
  grow(d_mixed_, m * 2 * h);
  grow(d_product_, m * 2 * h);
}

void Gcn::draw_mask(const Dropout& dropout, uint32_t layer, size_t count, float* mask) const {
  const Stream stream{dropout.seed, Purpose::kDropout, dropout.member << 8 | layer, dropout.round, dropout.step};
  const auto key = stream.key();
  const auto counter = stream.counter();
  const MaskStream draw{.key = {key[0], key[1]},
                        .counter = {counter[0], counter[1], counter[2]},
                        .threshold = static_cast<uint32_t>(std::lround(dropout.rate * 65536.0f)),
                        .scale = 1.0f / (1.0f - dropout.rate)};
  k_.dropout_mask(static_cast<int64_t>(count), &draw, mask);
}

void Gcn::forward(const GcnWeights& weights, const GcnInput& input, const Dropout* dropout, float* prediction) {
  const bool masked = dropout != nullptr && dropout->rate > 0;
  reserve(input.graphs, input.nodes, masked);
  dropped_ = masked;
  const int h = config_.hidden, n = input.nodes;
  const auto width = static_cast<size_t>(h), rows = static_cast<size_t>(input.graphs) * static_cast<size_t>(n);
  const float* x = input.x;
  for (int l = 0; l < config_.layers; ++l) {
    LayerState& s = layers_[static_cast<size_t>(l)];
    if (masked) draw_mask(*dropout, static_cast<uint32_t>(l), rows * width, s.mask.data());
    forward_layer(l, weights, input, x, masked);
    x = s.y.data();
  }
  for (int g = 0; g < input.graphs; ++g) {
    k_.mean_rows(input.sizes[g], h, x + static_cast<int64_t>(g) * n * h, pooled_.data() + static_cast<int64_t>(g) * h);
  }
  const int64_t pooled = static_cast<int64_t>(input.graphs) * h;
  if (masked) draw_mask(*dropout, 255, static_cast<size_t>(pooled), head_mask_.data());
  k_.gelu(pooled, pooled_.data(), masked ? head_mask_.data() : nullptr, activated_.data(), slope_.data());
  k_.gemm(input.graphs, config_.outputs, h, activated_.data(), h, 1, weights.at(layout_.head()), config_.outputs,
          prediction, config_.outputs, kStore);
}

void Gcn::forward_layer(int l, const GcnWeights& weights, const GcnInput& input, const float* x, bool masked) {
  LayerState& s = layers_[static_cast<size_t>(l)];
  const LayerViews& v = layout_.layer(l);
  const int h = config_.hidden, h2 = 2 * h, n = input.nodes, m = input.graphs * n;
  k_.gemm(m, h, v.fan_in, x, v.fan_in, 1, weights.at(v.weight_out), h, s.product.data(), h2, kStore);
  k_.gemm(m, h, v.fan_in, x, v.fan_in, 1, weights.at(v.weight_in), h, s.product.data() + h, h2, kStore);
  for (int g = 0; g < input.graphs; ++g) {
    const float* product = s.product.data() + static_cast<int64_t>(g) * n * h2;
    float* mixed = s.mixed.data() + static_cast<int64_t>(g) * n * h2;
    k_.gemm(n, h, n, input.out[g], n, 1, product, h2, mixed, h2, kStoreRelu);
    k_.gemm(n, h, n, input.back[g], n, 1, product + h, h2, mixed + h, h2, kStoreRelu);
  }
  k_.gemm(m, h, h2, s.mixed.data(), h2, 1, weights.at(v.linear_weight), h, s.x_hat.data(), h, kStore);
  k_.layer_norm(m, h, s.x_hat.data(), weights.at(v.linear_bias), weights.at(v.norm_gain), weights.at(v.norm_bias),
                masked ? s.mask.data() : nullptr, s.x_hat.data(), s.rstd.data(), s.y.data());
}

void Gcn::backward(const GcnWeights& weights, const GcnInput& input, const float* d_prediction,
                   const GcnGradients& wanted) {
  const int h = config_.hidden, n = input.nodes, o = config_.outputs;
  const auto squares = static_cast<size_t>(input.graphs) * static_cast<size_t>(n) * static_cast<size_t>(n);
  if (wanted.parameters != nullptr) {
    std::fill_n(wanted.parameters, layout_.size(), 0.0f);
    k_.gemm(h, o, input.graphs, activated_.data(), 1, h, d_prediction, o, wanted.parameters + layout_.head(), o,
            kStore);
  }
  if (wanted.out != nullptr) {
    std::fill_n(wanted.out, squares, 0.0f);
    std::fill_n(wanted.back, squares, 0.0f);
  }
  k_.gemm(input.graphs, h, o, d_prediction, o, 1, weights.transposed_at(layout_.head()), h, d_pooled_.data(), h,
          kStore);
  for (int g = 0; g < input.graphs; ++g) {
    const int size = input.sizes[g];
    const float scale = 1.0f / static_cast<float>(size);
    const float* d = d_pooled_.data() + static_cast<int64_t>(g) * h;
    const float* slope = slope_.data() + static_cast<int64_t>(g) * h;
    float* first = d_y_.data() + static_cast<int64_t>(g) * n * h;
    for (int j = 0; j < h; ++j) first[j] = d[j] * slope[j] * scale;
    for (int i = 1; i < size; ++i) std::copy_n(first, h, first + static_cast<int64_t>(i) * h);
    std::fill_n(first + static_cast<int64_t>(size) * h, static_cast<size_t>(n - size) * static_cast<size_t>(h), 0.0f);
  }
  for (int l = config_.layers - 1; l >= 0; --l) backward_layer(l, weights, input, wanted);
}

// d_y_ holds the gradient of this layer's output and, on return, of its input.
void Gcn::backward_layer(int l, const GcnWeights& weights, const GcnInput& input, const GcnGradients& wanted) {
  LayerState& s = layers_[static_cast<size_t>(l)];
  const LayerViews& v = layout_.layer(l);
  const int h = config_.hidden, h2 = 2 * h, n = input.nodes, m = input.graphs * n;
  float* p = wanted.parameters;
  k_.layer_norm_backward(m, h, d_y_.data(), weights.at(v.norm_gain), dropped_ ? s.mask.data() : nullptr, s.x_hat.data(),
                         s.rstd.data(), d_y_.data(), p ? p + v.linear_bias : nullptr, p ? p + v.norm_gain : nullptr,
                         p ? p + v.norm_bias : nullptr);
  if (p) k_.gemm(h2, h, m, s.mixed.data(), 1, h2, d_y_.data(), h, p + v.linear_weight, h, kStore);
  k_.gemm(m, h2, h, d_y_.data(), h, 1, weights.transposed_at(v.linear_weight), h2, d_mixed_.data(), h2, kStore);
  k_.relu_backward(static_cast<int64_t>(m) * h2, s.mixed.data(), d_mixed_.data());
  for (int g = 0; g < input.graphs; ++g) {
    const int64_t at = static_cast<int64_t>(g) * n * h2, square = static_cast<int64_t>(g) * n * n;
    const float* d_mixed = d_mixed_.data() + at;
    if (wanted.out != nullptr) {
      k_.row_dots(n, h, d_mixed, h2, s.product.data() + at, h2, wanted.out + square);
      k_.row_dots(n, h, d_mixed + h, h2, s.product.data() + at + h, h2, wanted.back + square);
    }
    k_.gemm(n, h, n, input.out[g], 1, n, d_mixed, h2, d_product_.data() + at, h2, kStore);
    k_.gemm(n, h, n, input.back[g], 1, n, d_mixed + h, h2, d_product_.data() + at + h, h2, kStore);
  }
  const float* x = l == 0 ? input.x : layers_[static_cast<size_t>(l - 1)].y.data();
  const int f = v.fan_in;
  if (p) {
    k_.gemm(f, h, m, x, 1, f, d_product_.data(), h2, p + v.weight_out, h, kStore);
    k_.gemm(f, h, m, x, 1, f, d_product_.data() + h, h2, p + v.weight_in, h, kStore);
  }
  float* d_x = l == 0 ? wanted.x : d_y_.data();
  if (d_x == nullptr) return;
  k_.gemm(m, f, h, d_product_.data(), h2, 1, weights.transposed_at(v.weight_out), f, d_x, f, kStore);
  k_.gemm(m, f, h, d_product_.data() + h, h2, 1, weights.transposed_at(v.weight_in), f, d_x, f, kAccumulate);
}

}  // namespace optiproxy::cpu
