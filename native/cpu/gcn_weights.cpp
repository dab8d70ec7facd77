#include "gcn.h"

namespace optiproxy::cpu {

GcnWeights::GcnWeights(const ModelConfig& config, const ParameterLayout& layout, const Kernels& kernels,
                       float* parameters)
    : k_(kernels), size_(layout.size()), p_(parameters) {
  for (int l = 0; l < config.layers; ++l) {
    const LayerViews& v = layout.layer(l);
    // No pass multiplies with the transposes of the first layer's W1 and W2.
    if (l > 0) {
      matrices_.push_back({v.weight_out, v.fan_in, config.hidden});
      matrices_.push_back({v.weight_in, v.fan_in, config.hidden});
    }
    matrices_.push_back({v.linear_weight, 2 * config.hidden, config.hidden});
  }
  matrices_.push_back({layout.head(), config.hidden, config.outputs});
}

void GcnWeights::transpose() {
  transposed_.resize(size_);
  for (const Matrix& m : matrices_) k_.transpose(m.rows, m.columns, p_ + m.offset, transposed_.data() + m.offset);
}

void GcnWeights::adamw(const AdamWStep& step, const float* gradient, float* m, float* v) {
  size_t done = 0;
  const auto flat = [&](size_t end) {
    k_.adamw(static_cast<int64_t>(end - done), &step, gradient + done, p_ + done, m + done, v + done);
  };
  for (const Matrix& x : matrices_) {
    flat(x.offset);
    k_.adamw_transposed(x.rows, x.columns, &step, gradient + x.offset, p_ + x.offset, m + x.offset, v + x.offset,
                        transposed_.data() + x.offset);
    done = x.offset + static_cast<size_t>(x.rows) * static_cast<size_t>(x.columns);
  }
  flat(size_);
}

}  // namespace optiproxy::cpu
