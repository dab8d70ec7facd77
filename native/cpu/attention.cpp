#include "attention.h"

#include <algorithm>
#include <cmath>

namespace optiproxy::cpu {
namespace {

constexpr int kHeads = kAttentionHeads;

size_t z(int64_t n) { return static_cast<size_t>(n); }

/// Floats from one graph to the next.
size_t side_step(const NetworkInput& input) { return 2 * z(input.nodes) * z(input.nodes); }
size_t chance_step(const NetworkInput& input) { return z(kHeads) * z(input.nodes) * z(input.nodes); }

}  // namespace

Attention::Attention(const ModelConfig& config, const Kernels& kernels)
    : width_(attention_width(config.hidden)),
      depth_(width_ / kHeads),
      scale_(1.0f / std::sqrt(static_cast<float>(depth_))),
      k_(kernels) {}

void Attention::begin(const NetworkInput& input) {
  const size_t all = z(input.graphs) * side_step(input);
  grow(sides_, all);
  grow(d_sides_, all);
  grow(d_logits_, chance_step(input));
  std::fill_n(sides_.data(), all, 0.0f);
  std::fill_n(d_sides_.data(), all, 0.0f);
  for (int g = 0; g < input.graphs; ++g) {
    const int size = input.sizes[g];
    for (Direction d : {kOut, kBack}) {
      float* side = sides_.data() + z(g) * side_step(input) + z(d) * z(size) * z(size);
      const SparseRows edges = input.topology->rows(d, input.at(g));
      for (int i = 0; i < size; ++i) {
        for (int32_t e = edges.start[i]; e < edges.start[i + 1]; ++e) {
          if (edges.column[e] < size) side[z(i) * z(size) + z(edges.column[e])] = edges.weight[e] / scale_;
        }
      }
    }
  }
}

void Attention::forward(const NetworkInput& input, const float* leans, const float* qkv, float* chances,
                        float* context) const {
  const int n = input.nodes, w = width_, w3 = 3 * w;
  for (int g = 0; g < input.graphs; ++g) {
    const int size = input.sizes[g], square = size * size;
    const float* q = qkv + z(g) * z(n) * z(w3);
    float* p = chances + z(g) * chance_step(input);
    float* c = context + z(g) * z(n) * z(w);
    k_.gemm(kHeads, square, 2, leans, 2, 1, sides_.data() + z(g) * side_step(input), square, p, square, kStore);
    for (int head = 0; head < kHeads; ++head) {
      const float* own = q + head * depth_;
      k_.row_dots(size, size, depth_, own, w3, own + w, w3, p + head * square);
    }
    k_.softmax(kHeads * size, size, scale_, p);
    for (int head = 0; head < kHeads; ++head) {
      k_.gemm(size, depth_, size, p + head * square, size, 1, q + 2 * w + head * depth_, w3, c + head * depth_, w,
              kStore);
    }
    std::fill(c + z(size) * z(w), c + z(n) * z(w), 0.0f);
  }
}

void Attention::backward(const NetworkInput& input, const float* leans, const float* qkv, const float* chances,
                         const float* d_context, float* d_qkv, float* d_leans, bool adjacency) {
  const int n = input.nodes, w = width_, w3 = 3 * w;
  for (int g = 0; g < input.graphs; ++g) {
    const int size = input.sizes[g], square = size * size;
    const float* q = qkv + z(g) * z(n) * z(w3);
    const float* p = chances + z(g) * chance_step(input);
    const float* d_c = d_context + z(g) * z(n) * z(w);
    float* d_q = d_qkv + z(g) * z(n) * z(w3);
    float* d = d_logits_.data();
    std::fill_n(d, z(kHeads) * z(square), 0.0f);
    for (int head = 0; head < kHeads; ++head) {
      const int at = head * depth_;
      k_.row_dots(size, size, depth_, d_c + at, w, q + 2 * w + at, w3, d + head * square);
      k_.gemm(size, depth_, size, p + head * square, 1, size, d_c + at, w, d_q + 2 * w + at, w3, kStore);
    }
    k_.softmax_backward(kHeads * size, size, scale_, p, d);
    for (int head = 0; head < kHeads; ++head) {
      const int at = head * depth_;
      const float* own = d + head * square;
      k_.gemm(size, depth_, size, own, size, 1, q + w + at, w3, d_q + at, w3, kStore);
      k_.gemm(size, depth_, size, own, 1, size, q + at, w3, d_q + w + at, w3, kStore);
    }
    std::fill(d_q + z(size) * z(w3), d_q + z(n) * z(w3), 0.0f);
    const size_t side = z(g) * side_step(input);
    if (d_leans != nullptr) k_.row_dots(kHeads, 2, square, d, square, sides_.data() + side, square, d_leans);
    if (adjacency) k_.gemm(2, square, kHeads, leans, 1, 2, d, square, d_sides_.data() + side, square, kAccumulate);
  }
}

void Attention::gradient_of_sides(const NetworkInput& input, float* out, float* back) const {
  const size_t n = z(input.nodes);
  for (Direction d : {kOut, kBack}) {
    float* to = d == kOut ? out : back;
    std::fill_n(to, z(input.graphs) * n * n, 0.0f);
    for (int g = 0; g < input.graphs; ++g) {
      const size_t size = z(input.sizes[g]);
      const float* from = d_sides_.data() + z(g) * side_step(input) + z(d) * size * size;
      for (size_t i = 0; i < size; ++i) {
        for (size_t j = 0; j < size; ++j) to[(z(g) * n + i) * n + j] = from[i * size + j] / scale_;
      }
    }
  }
}

}  // namespace optiproxy::cpu
