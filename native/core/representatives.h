// A few architectures that stand for many: a space-filling initial design.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "similarity.h"

namespace optiproxy {

/// Places of at most `count` of the architectures (m, G, normalised), each chosen so that the sum over all of how close
/// the closest chosen one is grows the most (greedy facility location, within 1 - 1/e of the best choice: Nemhauser et
/// al. 1978).  Every beginning of the list is such a choice too.  Costs m² comparisons.
std::vector<size_t> representatives(const Space& space, std::span<const uint8_t> architectures, size_t count);

}  // namespace optiproxy
