#include "pass.h"

#include <cmath>

namespace optiproxy::cpu {

void Dropout::draw(const Kernels& kernels, uint32_t place, size_t count, float* mask) const {
  const Stream stream{seed, Purpose::kDropout, member << 8 | place, round, step};
  const auto key = stream.key();
  const auto counter = stream.counter();
  const MaskStream draw{.key = {key[0], key[1]},
                        .counter = {counter[0], counter[1], counter[2]},
                        .threshold = static_cast<uint32_t>(std::lround(rate * 65536.0f)),
                        .scale = 1.0f / (1.0f - rate)};
  kernels.dropout_mask(static_cast<int64_t>(count), &draw, mask);
}

}  // namespace optiproxy::cpu
