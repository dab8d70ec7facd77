// Distinct architectures in the order they came, G bytes each, with an open-addressing table over them: no allocation,
// pointer or string for each, so that a million cost little more than their bytes.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace optiproxy {

class GeneSet {
 public:
  explicit GeneSet(size_t genes) : genes_(genes), slots_(16, kEmpty) {}

  size_t size() const { return bytes_.size() / genes_; }
  /// All architectures (n, G).
  std::span<const uint8_t> all() const { return bytes_; }
  std::span<const uint8_t> at(size_t index) const { return std::span(bytes_).subspan(index * genes_, genes_); }
  bool contains(const uint8_t* architecture) const { return slots_[find(architecture)] != kEmpty; }

  /// Whether the architecture (G) is new.
  bool insert(const uint8_t* architecture) {
    size_t slot = find(architecture);
    if (slots_[slot] != kEmpty) return false;
    // At most half full, so that runs of taken slots stay short.
    if (2 * (size() + 1) > slots_.size()) {
      enlarge();
      slot = find(architecture);
    }
    slots_[slot] = static_cast<uint32_t>(size());
    bytes_.insert(bytes_.end(), architecture, architecture + genes_);
    return true;
  }

  /// Forgets everything and keeps the memory that as many again would need, not that of the most there ever were.
  void clear() {
    slots_.assign(std::max<size_t>(16, std::bit_ceil(2 * size() + 2)), kEmpty);
    if (bytes_.capacity() > 4 * bytes_.size() + 4096) bytes_.shrink_to_fit();
    bytes_.clear();
  }

 private:
  static constexpr uint32_t kEmpty = UINT32_MAX;

  /// The slot that holds the architecture, or the empty one where it belongs.
  size_t find(const uint8_t* architecture) const {
    const size_t mask = slots_.size() - 1;
    size_t slot = static_cast<size_t>(hash(architecture)) & mask;
    while (slots_[slot] != kEmpty && std::memcmp(bytes_.data() + slots_[slot] * genes_, architecture, genes_) != 0) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  /// Eight bytes at a time, mixed as in SplitMix64: genes are small numbers, whose entropy sits in few bits.
  uint64_t hash(const uint8_t* architecture) const {
    uint64_t h = 0x9E3779B97F4A7C15u;
    for (size_t i = 0; i < genes_; i += 8) {
      uint64_t word = 0;
      std::memcpy(&word, architecture + i, std::min<size_t>(8, genes_ - i));
      h = (h ^ word) * 0xBF58476D1CE4E5B9u;
      h ^= h >> 29;
    }
    h *= 0x94D049BB133111EBu;
    return h ^ (h >> 32);
  }

  void enlarge() {
    slots_.assign(2 * slots_.size(), kEmpty);
    for (size_t i = 0; i < size(); ++i) slots_[find(bytes_.data() + i * genes_)] = static_cast<uint32_t>(i);
  }

  size_t genes_;
  std::vector<uint8_t> bytes_;
  std::vector<uint32_t> slots_;  // a power of two; index of an architecture, or kEmpty
};

}  // namespace optiproxy
