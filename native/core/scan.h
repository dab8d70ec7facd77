// A part of a scan as something scores it: the processor, or a device that draws the architectures by itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "rank.h"

namespace optiproxy {

/// Architectures that are scored at once at most.
constexpr size_t kMostScanned = size_t{1} << 18;

class Scan {
 public:
  virtual ~Scan() = default;

  /// Scores the valid ones of the architectures with the numbers `first` to `first + count - 1`, at most kMostScanned;
  /// returns how many these were.
  virtual size_t score(uint32_t first, size_t count) = 0;

  /// Of what was scored last, for each list (the K members, then their sum) the at most `most` greatest ranks between
  /// `above` and `below` (K + 1), exclusive, greatest first.
  virtual std::vector<std::vector<Rank>> best(std::span<const Rank> above, std::span<const Rank> below,
                                              size_t most) = 0;
};

}  // namespace optiproxy
