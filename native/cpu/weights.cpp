#include "weights.h"

namespace optiproxy::cpu {

NetworkWeights::NetworkWeights(const ParameterLayout& layout, const Kernels& kernels, float* parameters)
    : layout_(layout), k_(kernels), p_(parameters) {}

void NetworkWeights::transpose() {
  transposed_.resize(layout_.size());
  for (const MatrixView& m : layout_.matrices()) {
    k_.transpose(m.rows, m.columns, p_ + m.offset, transposed_.data() + m.offset);
  }
}

void NetworkWeights::adamw(const AdamWStep& step, const float* gradient, float* m, float* v) {
  size_t done = 0;
  const auto flat = [&](size_t end) {
    k_.adamw(static_cast<int64_t>(end - done), &step, gradient + done, p_ + done, m + done, v + done);
  };
  for (const MatrixView& x : layout_.matrices()) {
    flat(x.offset);
    k_.adamw_transposed(x.rows, x.columns, &step, gradient + x.offset, p_ + x.offset, m + x.offset, v + x.offset,
                        transposed_.data() + x.offset);
    done = x.offset + static_cast<size_t>(x.rows) * static_cast<size_t>(x.columns);
  }
  flat(layout_.size());
}

}  // namespace optiproxy::cpu
