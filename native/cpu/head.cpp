#include "head.h"

#include <algorithm>

namespace optiproxy::cpu {
PooledHead::PooledHead(const ModelConfig& config, const ParameterLayout& layout, const Kernels& kernels)
    : hidden_(config.hidden), outputs_(config.outputs), at_(layout.head()), k_(kernels) {}

void PooledHead::forward(const NetworkWeights& weights, const NetworkInput& input, const float* rows,
                         const Dropout* dropout, float* prediction) {
  const int h = hidden_;
  const int64_t pooled = int64_t{input.graphs} * h;
  const auto size = static_cast<size_t>(pooled);
  for (auto* v : {&pooled_, &activated_, &slope_, &d_pooled_}) grow(*v, size);
  for (int g = 0; g < input.graphs; ++g) {
    k_.mean_rows(input.sizes[g], h, rows + int64_t{g} * input.nodes * h, pooled_.data() + int64_t{g} * h);
  }
  if (dropout != nullptr) {
    grow(mask_, size);
    dropout->draw(k_, kHeadPlace, size, mask_.data());
  }
  k_.gelu(pooled, pooled_.data(), dropout != nullptr ? mask_.data() : nullptr, activated_.data(), slope_.data());
  k_.gemm(input.graphs, outputs_, h, activated_.data(), h, 1, weights.at(at_), outputs_, prediction, outputs_, kStore);
}

void PooledHead::backward(const NetworkWeights& weights, const NetworkInput& input, const float* d_prediction,
                          float* parameters, float* d_rows) {
  const int h = hidden_, n = input.nodes, o = outputs_;
  if (parameters != nullptr) {
    k_.gemm(h, o, input.graphs, activated_.data(), 1, h, d_prediction, o, parameters + at_, o, kStore);
  }
  k_.gemm(input.graphs, h, o, d_prediction, o, 1, weights.transposed_at(at_), h, d_pooled_.data(), h, kStore);
  for (int g = 0; g < input.graphs; ++g) {
    const int size = input.sizes[g];
    const float scale = 1.0f / static_cast<float>(size);
    const float* d = d_pooled_.data() + int64_t{g} * h;
    const float* slope = slope_.data() + int64_t{g} * h;
    float* first = d_rows + int64_t{g} * n * h;
    for (int j = 0; j < h; ++j) first[j] = d[j] * slope[j] * scale;
    for (int i = 1; i < size; ++i) std::copy_n(first, h, first + int64_t{i} * h);
    std::fill_n(first + int64_t{size} * h, static_cast<size_t>(n - size) * static_cast<size_t>(h), 0.0f);
  }
}

}  // namespace optiproxy::cpu
