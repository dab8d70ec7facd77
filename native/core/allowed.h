// The architectures that a pool is restricted to, such as those of a table.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "key.h"
#include "space.h"

namespace optiproxy {

class Allowed {
 public:
  /// Of these (n, G); of those that are the same by the space's isomorphism, the least by its genes.  The order in
  /// which they come changes nothing.  Throws INVALID_ARGUMENT for an invalid one, or for none.
  Allowed(const Space& space, std::span<const uint8_t> architectures);

  size_t size() const { return keys_.size(); }
  /// Place of the architecture with this key, or KeySet::kNone.
  uint32_t find(const Key& key) const { return keys_.find(key); }
  const Key& key(uint32_t place) const { return keys_.at(place); }
  std::span<const uint8_t> at(size_t place) const { return std::span(rows_).subspan(place * genes_, genes_); }

  /// Places of the `count` that differ from this architecture (G) in the fewest genes, but in some: the nearest first,
  /// equals by place.
  std::vector<uint32_t> nearest(const uint8_t* architecture, size_t count) const;

 private:
  size_t genes_;
  KeySet keys_;
  std::vector<uint8_t> rows_;     // (n, G)
  std::vector<uint8_t> columns_;  // (G, n): the same, for going through all of them
};

}  // namespace optiproxy
