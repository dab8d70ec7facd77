#include "transformer.h"

#include <algorithm>

namespace optiproxy::cpu {
namespace {

size_t z(int64_t n) { return static_cast<size_t>(n); }

/// Read with steps of 0 a matrix of ones: a product with it repeats a row, or sums rows.
constexpr float kOne = 1;

}  // namespace

Transformer::Transformer(const ModelConfig& config, const ParameterLayout& layout, const Kernels& kernels)
    : config_(config),
      layout_(layout),
      k_(kernels),
      width_(attention_width(config.hidden)),
      attention_(config, kernels),
      blocks_(z(config.layers)),
      head_(config, layout, kernels),
      no_bias_(z(config.hidden), 0.0f),
      d_no_bias_(z(config.hidden), 0.0f) {}

void Transformer::reserve(const NetworkInput& input, bool dropout) {
  const size_t m = z(input.graphs) * z(input.nodes), h = z(config_.hidden), w = z(width_);
  auto reserve_norm = [&](NormState& s) {
    grow(s.x_hat, m * h);
    grow(s.rstd, m);
    grow(s.y, m * h);
  };
  for (BlockState& s : blocks_) {
    reserve_norm(s.before_attention);
    reserve_norm(s.before_map);
    grow(s.qkv, m * 3 * w);
    grow(s.chances, z(kAttentionHeads) * m * z(input.nodes));
    grow(s.context, m * w);
    for (auto* v : {&s.activated, &s.slope}) grow(*v, m * 2 * h);
    if (!dropout) continue;
    for (auto* v : {&s.attention_mask, &s.map_mask}) grow(*v, m * h);
  }
  reserve_norm(last_);
  for (auto* v : {&stream_, &d_stream_, &added_, &d_added_, &d_rows_}) grow(*v, m * h);
  for (auto* v : {&wide_, &d_wide_}) grow(*v, m * 2 * h);
  grow(d_qkv_, m * 3 * w);
  grow(d_context_, m * w);
  rows_ = static_cast<int>(m);
  dropped_ = dropout;
}

void Transformer::forward(const NetworkWeights& weights, const NetworkInput& input, const Dropout* dropout,
                          float* prediction) {
  reserve(input, dropout != nullptr);
  attention_.begin(input);
  const int h = config_.hidden, f = config_.features;
  const size_t graph = z(input.nodes) * z(h);
  const EmbeddingViews& v = layout_.embedding();
  for (size_t g = 0; g < z(input.graphs); ++g) {
    std::copy_n(weights.at(v.place), graph, stream_.data() + g * graph);
  }
  k_.gemm(rows_, h, f, input.x, f, 1, weights.at(v.weight), h, stream_.data(), h, kAccumulate);
  for (int l = 0; l < config_.layers; ++l) forward_block(l, weights, input, dropout);
  norm(weights, layout_.last_norm(), last_);
  head_.forward(weights, input, last_.y.data(), dropout, prediction);
}

void Transformer::forward_block(int l, const NetworkWeights& weights, const NetworkInput& input,
                                const Dropout* dropout) {
  const BlockViews& v = layout_.block(l);
  BlockState& s = blocks_[z(l)];
  const int h = config_.hidden, h2 = 2 * h, w3 = 3 * width_;
  if (dropout != nullptr) {
    const auto place = static_cast<uint32_t>(2 * l);
    dropout->draw(k_, place, z(rows_) * z(h), s.attention_mask.data());
    dropout->draw(k_, place + 1, z(rows_) * z(h), s.map_mask.data());
  }
  norm(weights, v.attention_norm, s.before_attention);
  k_.gemm(rows_, w3, h, s.before_attention.y.data(), h, 1, weights.at(v.qkv), w3, s.qkv.data(), w3, kStore);
  attention_.forward(input, weights.at(v.leans), s.qkv.data(), s.chances.data(), s.context.data());
  add_to_stream(weights, {v.out_weight, v.out_bias, width_, h}, s.context.data(),
                dropout != nullptr ? s.attention_mask.data() : nullptr);
  norm(weights, v.map_norm, s.before_map);
  k_.gemm(rows_, h2, 1, &kOne, 0, 0, weights.at(v.up_bias), h2, wide_.data(), h2, kStore);
  k_.gemm(rows_, h2, h, s.before_map.y.data(), h, 1, weights.at(v.up_weight), h2, wide_.data(), h2, kAccumulate);
  k_.gelu(int64_t{rows_} * h2, wide_.data(), nullptr, s.activated.data(), s.slope.data());
  add_to_stream(weights, {v.down_weight, v.down_bias, h2, h}, s.activated.data(),
                dropout != nullptr ? s.map_mask.data() : nullptr);
}

void Transformer::norm(const NetworkWeights& weights, const NormViews& v, NormState& s) {
  k_.layer_norm(rows_, config_.hidden, stream_.data(), no_bias_.data(), weights.at(v.gain), weights.at(v.bias), nullptr,
                s.x_hat.data(), s.rstd.data(), s.y.data());
}

/// Adds (x·W + b) * mask.
void Transformer::add_to_stream(const NetworkWeights& weights, const Linear& map, const float* x, const float* mask) {
  const int h = map.out;
  float* to = mask != nullptr ? added_.data() : stream_.data();
  k_.gemm(rows_, h, 1, &kOne, 0, 0, weights.at(map.bias), h, to, h, mask != nullptr ? kStore : kAccumulate);
  k_.gemm(rows_, h, map.in, x, map.in, 1, weights.at(map.weight), h, to, h, kAccumulate);
  if (mask != nullptr) k_.multiply_add(int64_t{rows_} * h, to, mask, stream_.data(), stream_.data());
}

void Transformer::backward(const NetworkWeights& weights, const NetworkInput& input, const float* d_prediction,
                           const NetworkGradients& wanted) {
  const int h = config_.hidden, f = config_.features, graph = input.nodes * h;
  float* p = wanted.parameters;
  const EmbeddingViews& v = layout_.embedding();
  head_.backward(weights, input, d_prediction, p, d_rows_.data());
  std::fill_n(d_stream_.data(), z(rows_) * z(h), 0.0f);
  backward_norm(weights, layout_.last_norm(), last_, d_rows_.data(), p);
  for (int l = config_.layers - 1; l >= 0; --l) backward_block(l, weights, input, wanted);
  if (p != nullptr) {
    k_.gemm(f, h, rows_, input.x, 1, f, d_stream_.data(), h, p + v.weight, h, kStore);
    k_.gemm(1, graph, input.graphs, &kOne, 0, 0, d_stream_.data(), graph, p + v.place, graph, kStore);
  }
  if (wanted.x != nullptr) {
    std::fill_n(wanted.x, z(rows_) * z(f), 0.0f);
    k_.row_dots(rows_, f, h, d_stream_.data(), h, weights.at(v.weight), h, wanted.x);
  }
  if (wanted.out != nullptr) attention_.gradient_of_sides(input, wanted.out, wanted.back);
}

// d_stream_ holds the gradient of the block's output and, on return, of its input.
void Transformer::backward_block(int l, const NetworkWeights& weights, const NetworkInput& input,
                                 const NetworkGradients& wanted) {
  const BlockViews& v = layout_.block(l);
  BlockState& s = blocks_[z(l)];
  const int h = config_.hidden, h2 = 2 * h, w3 = 3 * width_;
  const int64_t wide = int64_t{rows_} * h2;
  float* p = wanted.parameters;

  backward_linear(weights, {v.down_weight, v.down_bias, h2, h}, s.activated.data(), masked_gradient(s.map_mask), p,
                  d_wide_.data());
  k_.multiply_add(wide, d_wide_.data(), s.slope.data(), nullptr, d_wide_.data());
  backward_linear(weights, {v.up_weight, v.up_bias, h, h2}, s.before_map.y.data(), d_wide_.data(), p, d_rows_.data());
  backward_norm(weights, v.map_norm, s.before_map, d_rows_.data(), p);

  backward_linear(weights, {v.out_weight, v.out_bias, width_, h}, s.context.data(), masked_gradient(s.attention_mask),
                  p, d_context_.data());
  if (p != nullptr) std::fill_n(p + v.leans, 2 * kAttentionHeads, 0.0f);
  attention_.backward(input, weights.at(v.leans), s.qkv.data(), s.chances.data(), d_context_.data(), d_qkv_.data(),
                      p != nullptr ? p + v.leans : nullptr, wanted.out != nullptr);
  if (p != nullptr) {
    k_.gemm(h, w3, rows_, s.before_attention.y.data(), 1, h, d_qkv_.data(), w3, p + v.qkv, w3, kStore);
  }
  k_.gemm(rows_, h, w3, d_qkv_.data(), w3, 1, weights.transposed_at(v.qkv), h, d_rows_.data(), h, kStore);
  backward_norm(weights, v.attention_norm, s.before_attention, d_rows_.data(), p);
}

/// The gradient of what a block added, from that of the stream.
const float* Transformer::masked_gradient(const Floats& mask) {
  if (!dropped_) return d_stream_.data();
  k_.multiply_add(int64_t{rows_} * config_.hidden, d_stream_.data(), mask.data(), nullptr, d_added_.data());
  return d_added_.data();
}

void Transformer::backward_linear(const NetworkWeights& weights, const Linear& map, const float* x, const float* d_y,
                                  float* parameters, float* d_x) {
  if (parameters != nullptr) {
    k_.gemm(map.in, map.out, rows_, x, 1, map.in, d_y, map.out, parameters + map.weight, map.out, kStore);
    k_.gemm(1, map.out, rows_, &kOne, 0, 0, d_y, map.out, parameters + map.bias, map.out, kStore);
  }
  k_.gemm(rows_, map.in, map.out, d_y, map.out, 1, weights.transposed_at(map.weight), map.in, d_x, map.in, kStore);
}

/// Adds what flows through a norm to the stream's gradient.
void Transformer::backward_norm(const NetworkWeights& weights, const NormViews& v, NormState& s, const float* d_y,
                                float* parameters) {
  const int h = config_.hidden;
  float* p = parameters;
  if (p != nullptr) {
    for (size_t view : {v.gain, v.bias}) std::fill_n(p + view, h, 0.0f);
    std::ranges::fill(d_no_bias_, 0.0f);
  }
  k_.layer_norm_backward(rows_, h, d_y, weights.at(v.gain), nullptr, s.x_hat.data(), s.rstd.data(), added_.data(),
                         p ? d_no_bias_.data() : nullptr, p ? p + v.gain : nullptr, p ? p + v.bias : nullptr);
  k_.multiply_add(int64_t{rows_} * h, added_.data(), nullptr, d_stream_.data(), d_stream_.data());
}

}  // namespace optiproxy::cpu
