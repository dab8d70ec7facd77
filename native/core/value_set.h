// A set of values of a gene, 0..255.
#pragma once

#include <cstdint>
#include <initializer_list>

#include "host_device.h"

namespace optiproxy {

class ValueSet {
 public:
  ValueSet() = default;
  explicit ValueSet(std::initializer_list<int> values) {
    for (int v : values) insert(v);
  }
  void insert(int value) { words_[value >> 6] |= uint64_t{1} << (value & 63); }
  OPTIPROXY_HOST_DEVICE bool contains(int value) const { return words_[value >> 6] >> (value & 63) & 1; }
  bool empty() const { return (words_[0] | words_[1] | words_[2] | words_[3]) == 0; }
  bool operator==(const ValueSet&) const = default;

 private:
  uint64_t words_[4] = {};
};

}  // namespace optiproxy
