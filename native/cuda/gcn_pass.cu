#include "../core/random.h"
#include "gcn_pass.h"
#include "steps.h"

namespace optiproxy::cuda {
namespace {

size_t count(int a, int b) { return static_cast<size_t>(a) * static_cast<size_t>(b); }

/// Row-major matrices, and their transposes, `ld` floats a row.
Matrices rows(const float* data, int64_t ld, int64_t step) { return {data, ld, 1, step}; }
Matrices columns(const float* data, int64_t ld, int64_t step) { return {data, 1, ld, step}; }

}  // namespace

void GcnPass::place(Arena& arena, int members, int graphs, int nodes, Backward backward, bool dropout) {
  members_ = members;
  nodes_ = nodes;
  const size_t pooled = count(members, graphs) * static_cast<size_t>(config_.hidden);
  const size_t m = count(members, graphs) * static_cast<size_t>(nodes), h = static_cast<size_t>(config_.hidden);
  layers_.clear();
  // Without a backward pass what one layer leaves the next may write over.
  const auto taken = static_cast<size_t>(backward == Backward::kLater ? config_.layers : 1);
  while (layers_.size() < taken) {
    layers_.push_back({.product = arena.take<float>(m * 2 * h),
                       .mixed = arena.take<float>(m * 2 * h),
                       .x_hat = arena.take<float>(m * h),
                       .rstd = arena.take<float>(m),
                       .mask = dropout ? arena.take<float>(m * h) : nullptr,
                       .y = arena.take<float>(m * h)});
  }
  layers_.resize(static_cast<size_t>(config_.layers), layers_.back());
  for (float** buffer : {&activated_, &slope_}) *buffer = arena.take<float>(pooled);
  head_mask_ = dropout ? arena.take<float>(pooled) : nullptr;
  if (backward == Backward::kNever) return;
  d_activated_ = arena.take<float>(pooled);
  for (float** buffer : {&d_y_, &d_u_}) *buffer = arena.take<float>(m * h);
  for (float** buffer : {&d_mixed_, &d_product_}) *buffer = arena.take<float>(m * 2 * h);
}

void GcnPass::multiply(DeviceStream stream, int m, int n, int k, const Matrices& a, const Matrices& b, float* c,
                       int64_t ldc, int64_t c_step, bool accumulate) const {
  product({members_, m, n, k, a, b, c, ldc, c_step, accumulate}, stream);
}

void GcnPass::draw_mask(DeviceStream stream, const DropoutPlan& dropout, uint32_t place, int64_t size,
                        float* mask) const {
  const Stream of{dropout.seed, Purpose::kDropout, place, dropout.round, 0};
  dropout_mask({members_, size, mask_stream(of, dropout.rate), dropout.clock, mask}, stream);
}

void GcnPass::forward(DeviceStream stream, int graphs, const Parameters& weights, const PassInput& input,
                      const DropoutPlan& dropout, float* prediction) {
  graphs_ = graphs;
  dropped_ = dropout.rate > 0;
  const int h = config_.hidden, o = config_.outputs;
  const int64_t m = int64_t{graphs} * nodes_, pooled = int64_t{graphs} * h;
  const float* x = input.x;
  int64_t x_member = input.x_member;
  for (int l = 0; l < config_.layers; ++l) {
    const Layer& s = layers_[static_cast<size_t>(l)];
    if (dropped_) draw_mask(stream, dropout, static_cast<uint32_t>(l), m * h, s.mask);
    forward_layer(stream, l, weights, input, x, x_member, dropped_);
    x = s.y;
    x_member = m * h;
  }
  if (dropped_) draw_mask(stream, dropout, kHeadPlace, pooled, head_mask_);
  pool({members_, graphs, nodes_, h, input.sizes, x, dropped_ ? head_mask_ : nullptr, activated_, slope_}, stream);
  multiply(stream, graphs, o, h, rows(activated_, h, pooled), rows(weights.data + layout_.head(), o, weights.step),
           prediction, o, int64_t{graphs} * o);
}

void GcnPass::forward_layer(DeviceStream stream, int l, const Parameters& weights, const PassInput& input,
                            const float* x, int64_t x_member, bool masked) {
  const Layer& s = layers_[static_cast<size_t>(l)];
  const LayerViews& v = layout_.layer(l);
  const int h = config_.hidden, h2 = 2 * h, m = graphs_ * nodes_;
  const int64_t narrow = int64_t{m} * h, wide = 2 * narrow;
  for (int back = 0; back < 2; ++back) {
    const float* w = weights.data + (back ? v.weight_in : v.weight_out);
    multiply(stream, m, h, v.fan_in, rows(x, v.fan_in, x_member), rows(w, h, weights.step), s.product + back * h, h2,
             wide);
  }
  aggregate({members_, graphs_, nodes_, h, input.adjacencies, s.product, s.mixed}, stream);
  multiply(stream, m, h, h2, rows(s.mixed, h2, wide), rows(weights.data + v.linear_weight, h, weights.step), s.x_hat, h,
           narrow);
  layer_norm({members_, m, h, s.x_hat, weights.data + v.linear_bias, weights.data + v.norm_gain,
              weights.data + v.norm_bias, weights.step, masked ? s.mask : nullptr, s.x_hat, s.rstd, s.y},
             stream);
}

void GcnPass::backward(DeviceStream stream, const Parameters& weights, const PassInput& input,
                       const float* d_prediction, const PassGradients& wanted) {
  const int h = config_.hidden, o = config_.outputs;
  const int64_t pooled = int64_t{graphs_} * h, predictions = int64_t{graphs_} * o;
  const float* head = weights.data + layout_.head();
  if (wanted.parameters != nullptr) {
    multiply(stream, h, o, graphs_, columns(activated_, h, pooled), rows(d_prediction, o, predictions),
             wanted.parameters + layout_.head(), o, weights.step);
  }
  multiply(stream, graphs_, h, o, rows(d_prediction, o, predictions), columns(head, o, weights.step), d_activated_, h,
           pooled);
  pool_backward({members_, graphs_, nodes_, h, input.sizes, d_activated_, slope_, d_y_}, stream);
  for (int l = config_.layers - 1; l >= 0; --l) backward_layer(stream, l, weights, input, wanted);
}

// d_y_ holds the gradient of this layer's output and, on return, of its input.
void GcnPass::backward_layer(DeviceStream stream, int l, const Parameters& weights, const PassInput& input,
                             const PassGradients& wanted) {
  const Layer& s = layers_[static_cast<size_t>(l)];
  const LayerViews& v = layout_.layer(l);
  const int h = config_.hidden, h2 = 2 * h, m = graphs_ * nodes_, f = v.fan_in;
  const int64_t narrow = int64_t{m} * h, wide = 2 * narrow;
  float* p = wanted.parameters;
  const auto gradient = [p](size_t view) { return p == nullptr ? nullptr : p + view; };
  layer_norm_backward({members_, m, h, d_y_, weights.data + v.norm_gain, weights.step, dropped_ ? s.mask : nullptr,
                       s.x_hat, s.rstd, d_u_, gradient(v.linear_bias), gradient(v.norm_gain), gradient(v.norm_bias)},
                      stream);
  if (p != nullptr) {
    multiply(stream, h2, h, m, columns(s.mixed, h2, wide), rows(d_u_, h, narrow), p + v.linear_weight, h, weights.step);
  }
  multiply(stream, m, h2, h, rows(d_u_, h, narrow), columns(weights.data + v.linear_weight, h, weights.step), d_mixed_,
           h2, wide);
  const bool last = l == config_.layers - 1;  // the first of the layers to give adjacencies a gradient
  aggregate_backward({members_, graphs_, nodes_, h, input.adjacencies, s.mixed, d_mixed_, s.product, d_product_,
                      wanted.out, wanted.back, !last},
                     stream);
  const float* x = l == 0 ? input.x : layers_[static_cast<size_t>(l - 1)].y;
  const int64_t x_member = l == 0 ? input.x_member : narrow;
  float* d_x = l == 0 ? wanted.x : d_y_;
  for (int back = 0; back < 2; ++back) {
    const float* d = d_product_ + back * h;
    const size_t w = back ? v.weight_in : v.weight_out;
    if (p != nullptr) {
      multiply(stream, f, h, m, columns(x, f, x_member), rows(d, h2, wide), p + w, h, weights.step);
    }
    if (d_x != nullptr) {
      multiply(stream, m, f, h, rows(d, h2, wide), columns(weights.data + w, h, weights.step), d_x, f, int64_t{m} * f,
               back == 1);
    }
  }
}

}  // namespace optiproxy::cuda
