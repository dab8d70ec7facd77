// Passes over rows of activations: a warp a row, or for sums over all rows a block some columns.
#include <math.h>

#include "kernels.h"
#include "warp.h"

namespace optiproxy::cuda {
namespace {

constexpr int kRows = 8;  // of a block
constexpr float kEpsilon = 1e-5f;
constexpr int kSummands = 8;  // sums of one column that a block begins with

OPTIPROXY_KERNEL layer_norm_kernel(LayerNorm p) {
  const int lane = thread_in_block() % kWarp, i = block_x() * kRows + thread_in_block() / kWarp, member = block_y();
  if (i >= p.m) return;
  const int64_t row = (int64_t{member} * p.m + i), at = row * p.h, parameters = member * p.parameter_step;
  float total = 0;
  for (int j = lane; j < p.h; j += kWarp) {
    const float u = p.u[at + j] + p.bias[parameters + j];
    p.x_hat[at + j] = u;
    total += u;
  }
  const float mean = warp_sum(total) / static_cast<float>(p.h);
  float squares = 0;
  for (int j = lane; j < p.h; j += kWarp) {
    const float centred = p.x_hat[at + j] - mean;
    squares += centred * centred;
  }
  const float r = 1.0f / sqrtf(warp_sum(squares) / static_cast<float>(p.h) + kEpsilon);
  if (lane == 0) p.rstd[row] = r;
  for (int j = lane; j < p.h; j += kWarp) {
    const float x = (p.x_hat[at + j] - mean) * r;
    p.x_hat[at + j] = x;
    const float y = x * p.gain[parameters + j] + p.shift[parameters + j];
    p.y[at + j] = p.mask == nullptr ? y : y * p.mask[at + j];
  }
}

OPTIPROXY_KERNEL layer_norm_backward_kernel(LayerNormBackward p) {
  const int lane = thread_in_block() % kWarp, i = block_x() * kRows + thread_in_block() / kWarp, member = block_y();
  if (i >= p.m) return;
  const int64_t row = (int64_t{member} * p.m + i), at = row * p.h, parameters = member * p.parameter_step;
  const auto slope = [&](int j) {
    const float d = p.d_y[at + j] * p.gain[parameters + j];
    return p.mask == nullptr ? d : d * p.mask[at + j];
  };
  float sum = 0, dot = 0;
  for (int j = lane; j < p.h; j += kWarp) {
    const float d = slope(j);
    sum += d;
    dot += d * p.x_hat[at + j];
  }
  const float mean = warp_sum(sum) / static_cast<float>(p.h), along = warp_sum(dot) / static_cast<float>(p.h);
  const float r = p.rstd[row];
  for (int j = lane; j < p.h; j += kWarp) p.d_u[at + j] = (slope(j) - mean - p.x_hat[at + j] * along) * r;
}

/// Sums over all rows, of kWarp columns a block: each of its warps takes every kSummands-th row.
OPTIPROXY_KERNEL layer_norm_sums_kernel(LayerNormBackward p) {
  const int lane = thread_in_block() % kWarp, own = thread_in_block() / kWarp, member = block_y();
  const int j = block_x() * kWarp + lane;
  float sums[3] = {};
  for (int i = own; i < p.m && j < p.h; i += kSummands) {
    const int64_t at = (int64_t{member} * p.m + i) * p.h + j;
    const float d = p.mask == nullptr ? p.d_y[at] : p.d_y[at] * p.mask[at];
    sums[0] += p.d_u[at];
    sums[1] += d * p.x_hat[at];
    sums[2] += d;
  }
  float* parts = shared<float>();  // (3, kSummands, kWarp)
  for (int s = 0; s < 3; ++s) parts[(s * kSummands + own) * kWarp + lane] = sums[s];
  sync_block();
  if (own > 0 || j >= p.h) return;
  float* to[3] = {p.d_bias, p.d_gain, p.d_shift};
  for (int s = 0; s < 3; ++s) {
    float sum = 0;
    for (int w = 0; w < kSummands; ++w) sum += parts[(s * kSummands + w) * kWarp + lane];
    to[s][member * p.parameter_step + j] = sum;
  }
}

}  // namespace

void layer_norm(const LayerNorm& p, DeviceStream stream) {
  launch("layer_norm", {{(p.m + kRows - 1) / kRows, p.members, 1}, kRows * kWarp, 0}, stream, layer_norm_kernel, p);
}

void layer_norm_backward(const LayerNormBackward& p, DeviceStream stream) {
  launch("layer_norm_backward", {{(p.m + kRows - 1) / kRows, p.members, 1}, kRows * kWarp, 0}, stream,
         layer_norm_backward_kernel, p);
  if (p.d_bias == nullptr) return;
  launch("layer_norm_sums",
         {{(p.h + kWarp - 1) / kWarp, p.members, 1}, kSummands * kWarp, bytes_of_floats(3 * kSummands * kWarp)}, stream,
         layer_norm_sums_kernel, p);
}

}  // namespace optiproxy::cuda
