// Canonical keys: 128-bit hashes of canonical forms, some of whose parts (labels, terms of sums) are hashes of 64 bits
// themselves: two of n architectures collide with a chance of about n^2 / 2^65.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace optiproxy {

struct Key {
  uint64_t low = 0, high = 0;
  bool operator==(const Key&) const = default;
  auto operator<=>(const Key&) const = default;
};

/// The finaliser of SplitMix64: a bijection that spreads every bit.
inline uint64_t mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
  x = (x ^ x >> 27) * 0x94D049BB133111EBu;
  return x ^ x >> 31;
}

/// Hash of a sequence of words.
class Hasher {
 public:
  void add(uint64_t word) {
    low_ = mix(low_ ^ word);
    high_ = (high_ ^ (word + 0x2545F4914F6CDD1Du)) * 0xFF51AFD7ED558CCDu;
    high_ ^= high_ >> 32;
  }
  void add_bytes(const uint8_t* bytes, size_t count) {
    for (size_t i = 0; i < count; i += 8) {
      uint64_t word = 0;
      std::memcpy(&word, bytes + i, count - i < 8 ? count - i : 8);
      add(word);
    }
    add(count);
  }
  Key key() const { return {low_, mix(high_ ^ std::rotl(low_, 17))}; }

 private:
  uint64_t low_ = 0x6A09E667F3BCC908u, high_ = 0xBB67AE8584CAA73Bu;
};

/// Keys in the order they came, with an open-addressing table over them.
class KeySet {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  KeySet() : slots_(16, kNone) {}

  size_t size() const { return keys_.size(); }
  bool contains(const Key& key) const { return find(key) != kNone; }
  /// Place of the key in the order of insertion, or kNone.
  uint32_t find(const Key& key) const { return slots_[slot_of(key)]; }
  const Key& at(uint32_t place) const { return keys_[place]; }

  /// Whether the key is new.
  bool insert(const Key& key) {
    size_t slot = slot_of(key);
    if (slots_[slot] != kNone) return false;
    // At most half full, so that runs of taken slots stay short.
    if (2 * (size() + 1) > slots_.size()) {
      enlarge();
      slot = slot_of(key);
    }
    slots_[slot] = static_cast<uint32_t>(size());
    keys_.push_back(key);
    return true;
  }

  /// Forgets everything and keeps the memory that as many again would need, not that of the most there ever were.
  void clear() {
    slots_.assign(std::bit_ceil(2 * size() + 16), kNone);
    if (keys_.capacity() > 4 * keys_.size() + 256) keys_.shrink_to_fit();
    keys_.clear();
  }

 private:
  size_t slot_of(const Key& key) const {
    const size_t mask = slots_.size() - 1;
    size_t slot = static_cast<size_t>(key.low) & mask;
    while (slots_[slot] != kNone && keys_[slots_[slot]] != key) slot = (slot + 1) & mask;
    return slot;
  }
  void enlarge() {
    slots_.assign(2 * slots_.size(), kNone);
    for (size_t i = 0; i < keys_.size(); ++i) slots_[slot_of(keys_[i])] = static_cast<uint32_t>(i);
  }

  std::vector<Key> keys_;
  std::vector<uint32_t> slots_;  // a power of two; place of a key, or kNone
};

}  // namespace optiproxy
