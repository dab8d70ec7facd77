// What the threads of a warp do together.
#pragma once

#include "dialect.h"

namespace optiproxy::cuda {

/// The sum over the warp, in an order that is always the same: every thread gets the same bits.
OPTIPROXY_DEVICE float warp_sum(float value) {
  for (int bits = kWarp / 2; bits > 0; bits /= 2) value += shuffle_xor(value, bits);
  return value;
}

}  // namespace optiproxy::cuda
