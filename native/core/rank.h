// Architectures of a scan in one order, as whole numbers: by falling score, and of equals the one drawn first.
#pragma once

#include <bit>
#include <cfloat>
#include <cstdint>
#include <cstring>

#include "host_device.h"

namespace optiproxy {

/// The greater, the better: the score's bits, so turned that they have its order, above those of the number, turned
/// too. No two architectures of a scan have the same.
using Rank = uint64_t;

/// A diverged member predicts NaN, which no order can hold: it counts as the worst.
OPTIPROXY_HOST_DEVICE float rankable(float prediction) {
  return prediction >= -FLT_MAX && prediction <= FLT_MAX ? prediction : -1e30f;
}

/// Of a score that is finite.
OPTIPROXY_HOST_DEVICE Rank rank_of(float score, uint32_t number) {
  score += 0.0f;  // -0 is 0
  uint32_t bits;
  std::memcpy(&bits, &score, sizeof bits);
  bits = bits >> 31 != 0 ? ~bits : bits | 0x80000000u;
  return uint64_t{bits} << 32 | static_cast<uint32_t>(~number);
}

/// The number of the architecture.
OPTIPROXY_HOST_DEVICE uint32_t number_of(Rank rank) { return ~static_cast<uint32_t>(rank); }

}  // namespace optiproxy
