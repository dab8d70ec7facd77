#include "pass.h"

namespace optiproxy::cpu {

void Dropout::draw(const Kernels& kernels, uint32_t place, size_t count, float* mask) const {
  const MaskStream draw = mask_stream({seed, Purpose::kDropout, member << 8 | place, round, step}, rate);
  kernels.dropout_mask(static_cast<int64_t>(count), &draw, mask);
}

}  // namespace optiproxy::cpu
