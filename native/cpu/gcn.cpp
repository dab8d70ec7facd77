#include "gcn.h"

#include <algorithm>

namespace optiproxy::cpu {

Gcn::Gcn(const ModelConfig& config, const ParameterLayout& layout, const Kernels& kernels)
    : config_(config),
      layout_(layout),
      k_(kernels),
      layers_(static_cast<size_t>(config.layers)),
      head_(config, layout, kernels) {}

void Gcn::reserve(int graphs, int nodes, bool dropout) {
  const auto m = static_cast<size_t>(graphs) * static_cast<size_t>(nodes), h = static_cast<size_t>(config_.hidden);
  for (LayerState& s : layers_) {
    grow(s.product, m * 2 * h);
    grow(s.mixed, m * 2 * h);
    grow(s.x_hat, m * h);
    grow(s.rstd, m);
    grow(s.y, m * h);
    if (dropout) grow(s.mask, m * h);
  }
  grow(d_y_, m * h);
  grow(d_mixed_, m * 2 * h);
  grow(d_product_, m * 2 * h);
}

void Gcn::forward(const NetworkWeights& weights, const NetworkInput& input, const Dropout* dropout, float* prediction) {
  const bool masked = dropout != nullptr;
  reserve(input.graphs, input.nodes, masked);
  dropped_ = masked;
  const auto width = static_cast<size_t>(config_.hidden),
             rows = static_cast<size_t>(input.graphs) * static_cast<size_t>(input.nodes);
  const float* x = input.x;
  for (int l = 0; l < config_.layers; ++l) {
    LayerState& s = layers_[static_cast<size_t>(l)];
    if (masked) dropout->draw(k_, static_cast<uint32_t>(l), rows * width, s.mask.data());
    if (x == nullptr) {
      forward_classes(weights, input, masked);
    } else {
      forward_layer(l, weights, input, x, masked);
    }
    x = s.y.data();
  }
  head_.forward(weights, input, x, masked ? dropout : nullptr, prediction);
}

void Gcn::forward_layer(int l, const NetworkWeights& weights, const NetworkInput& input, const float* x, bool masked) {
  LayerState& s = layers_[static_cast<size_t>(l)];
  const LayerViews& v = layout_.layer(l);
  const int h = config_.hidden, h2 = 2 * h, n = input.nodes, m = input.graphs * n;
  k_.gemm(m, h, v.fan_in, x, v.fan_in, 1, weights.at(v.weight_out), h, s.product.data(), h2, kStore);
  k_.gemm(m, h, v.fan_in, x, v.fan_in, 1, weights.at(v.weight_in), h, s.product.data() + h, h2, kStore);
  for (int g = 0; g < input.graphs; ++g) {
    const int64_t at = static_cast<int64_t>(g) * n * h2;
    for (Direction d : {kOut, kBack}) {
      const SparseRows edges = input.topology->rows(d, input.at(g));
      k_.aggregate(n, h, &edges, nullptr, s.product.data() + at + d * h, h2, s.mixed.data() + at + d * h, h2);
    }
  }
  k_.gemm(m, h, h2, s.mixed.data(), h2, 1, weights.at(v.linear_weight), h, s.x_hat.data(), h, kStore);
  k_.layer_norm(m, h, s.x_hat.data(), weights.at(v.linear_bias), weights.at(v.norm_gain), weights.at(v.norm_bias),
                masked ? s.mask.data() : nullptr, s.x_hat.data(), s.rstd.data(), s.y.data());
}

/// The first layer where its rows repeat: each distinct row is made, and multiplied, once.  The linear map of
/// [out | back] is the sum of each half's own.  `mixed` holds the rows of both directions one after the other,
/// `product` their halves of the map.
void Gcn::forward_classes(const NetworkWeights& weights, const NetworkInput& input, bool masked) {
  LayerState& s = layers_.front();
  const LayerViews& v = layout_.layer(0);
  const BatchClasses& classes = *input.classes;
  const int h = config_.hidden;
  const size_t half = static_cast<size_t>(h) * static_cast<size_t>(h);
  const int64_t second = static_cast<int64_t>(classes.rows(kOut)) * h;
  for (Direction d : {kOut, kBack}) {
    const SparseRows entries = classes.entries(d);
    float* mixed = s.mixed.data() + d * second;
    k_.aggregate(classes.rows(d), h, &entries, classes.used(d), weights.at(d == kOut ? v.weight_out : v.weight_in), h,
                 mixed, h);
    k_.gemm(classes.rows(d), h, h, mixed, h, 1, weights.at(v.linear_weight + (d == kOut ? 0 : half)), h,
            s.product.data() + d * second, h, kStore);
  }
  const RowPair pair{s.product.data(), classes.local(kOut), s.product.data() + second, classes.local(kBack)};
  k_.layer_norm_of_pairs(input.graphs * input.nodes, h, &pair, weights.at(v.linear_bias), weights.at(v.norm_gain),
                         weights.at(v.norm_bias), masked ? s.mask.data() : nullptr, s.x_hat.data(), s.rstd.data(),
                         s.y.data());
}

void Gcn::backward(const NetworkWeights& weights, const NetworkInput& input, const float* d_prediction,
                   const NetworkGradients& wanted) {
  const auto n = static_cast<size_t>(input.nodes), squares = static_cast<size_t>(input.graphs) * n * n;
  if (wanted.out != nullptr) {
    std::fill_n(wanted.out, squares, 0.0f);
    std::fill_n(wanted.back, squares, 0.0f);
  }
  head_.backward(weights, input, d_prediction, wanted.parameters, d_y_.data());
  for (int l = config_.layers - 1; l >= 0; --l) backward_layer(l, weights, input, wanted);
}

// d_y_ holds the gradient of this layer's output and, on return, of its input.
void Gcn::backward_layer(int l, const NetworkWeights& weights, const NetworkInput& input,
                         const NetworkGradients& wanted) {
  LayerState& s = layers_[static_cast<size_t>(l)];
  const LayerViews& v = layout_.layer(l);
  const int h = config_.hidden, h2 = 2 * h, n = input.nodes, m = input.graphs * n;
  float* p = wanted.parameters;
  if (p != nullptr) {
    for (size_t view : {v.linear_bias, v.norm_gain, v.norm_bias}) std::fill_n(p + view, h, 0.0f);
  }
  k_.layer_norm_backward(m, h, d_y_.data(), weights.at(v.norm_gain), dropped_ ? s.mask.data() : nullptr, s.x_hat.data(),
                         s.rstd.data(), d_y_.data(), p ? p + v.linear_bias : nullptr, p ? p + v.norm_gain : nullptr,
                         p ? p + v.norm_bias : nullptr);
  const float* x = l == 0 ? input.x : layers_[static_cast<size_t>(l - 1)].y.data();
  if (x == nullptr) {
    if (p != nullptr) backward_classes(weights, *input.classes, m, p);
    return;
  }
  if (p) k_.gemm(h2, h, m, s.mixed.data(), 1, h2, d_y_.data(), h, p + v.linear_weight, h, kStore);
  k_.gemm(m, h2, h, d_y_.data(), h, 1, weights.transposed_at(v.linear_weight), h2, d_mixed_.data(), h2, kStore);
  if (wanted.out != nullptr) k_.relu_backward(static_cast<int64_t>(m) * h2, s.mixed.data(), d_mixed_.data());
  for (int g = 0; g < input.graphs; ++g) {
    for (Direction d : {kOut, kBack}) {
      const int64_t at = static_cast<int64_t>(g) * n * h2 + d * h;
      if (wanted.out != nullptr) {
        float* dots = (d == kOut ? wanted.out : wanted.back) + static_cast<int64_t>(g) * n * n;
        k_.row_dots(n, n, h, d_mixed_.data() + at, h2, s.product.data() + at, h2, dots);
      }
      const SparseRows edges = input.topology->transposed(d, input.at(g));
      k_.aggregate_backward(n, h, &edges, s.mixed.data() + at, d_mixed_.data() + at, h2, d_product_.data() + at, h2);
    }
  }
  const int f = v.fan_in;
  if (p) {
    k_.gemm(f, h, m, x, 1, f, d_product_.data(), h2, p + v.weight_out, h, kStore);
    k_.gemm(f, h, m, x, 1, f, d_product_.data() + h, h2, p + v.weight_in, h, kStore);
  }
  if (l > 0) {
    k_.gemm(m, f, h, d_product_.data(), h2, 1, weights.transposed_at(v.weight_out), f, d_y_.data(), f, kStore);
    k_.gemm(m, f, h, d_product_.data() + h, h2, 1, weights.transposed_at(v.weight_in), f, d_y_.data(), f, kAccumulate);
  } else if (wanted.x != nullptr) {
    // Features are few: dot products with the rows of W1 and W2 beat a product with narrow transposes.
    std::fill_n(wanted.x, static_cast<int64_t>(m) * f, 0.0f);
    k_.row_dots(m, f, h, d_product_.data(), h2, weights.at(v.weight_out), h, wanted.x);
    k_.row_dots(m, f, h, d_product_.data() + h, h2, weights.at(v.weight_in), h, wanted.x);
  }
}

/// Gradients of the first layer's matrices: what flows into equal rows is summed first.
void Gcn::backward_classes(const NetworkWeights& weights, const BatchClasses& classes, int rows, float* gradient) {
  LayerState& s = layers_.front();
  const LayerViews& v = layout_.layer(0);
  const int h = config_.hidden;
  const size_t half = static_cast<size_t>(h) * static_cast<size_t>(h);
  const int64_t second = static_cast<int64_t>(classes.rows(kOut)) * h;
  for (Direction d : {kOut, kBack}) {
    const int count = classes.rows(d);
    const float* mixed = s.mixed.data() + d * second;
    std::fill_n(d_product_.data(), static_cast<int64_t>(count) * h, 0.0f);
    k_.add_rows(rows, h, d_y_.data(), classes.local(d), d_product_.data());
    k_.gemm(h, h, count, mixed, 1, h, d_product_.data(), h, gradient + v.linear_weight + (d == kOut ? 0 : half), h,
            kStore);
    // The transpose of (2H, H) has both halves side by side.
    k_.gemm(count, h, h, d_product_.data(), h, 1, weights.transposed_at(v.linear_weight) + d * h, 2 * h,
            d_mixed_.data(), h, kStore);
    float* d_w = gradient + (d == kOut ? v.weight_out : v.weight_in);
    std::fill_n(d_w, static_cast<int64_t>(v.fan_in) * h, 0.0f);
    const SparseRows entries = classes.entries(d);
    k_.scatter(count, h, &entries, classes.used(d), mixed, d_mixed_.data(), d_w);
  }
}

}  // namespace optiproxy::cpu
