// What a caller has said of architectures: whether they meet constraints that only it can check.
#pragma once

#include <cstdint>
#include <span>

#include "key.h"

namespace optiproxy {

/// Verdicts are about architectures as they are written: two that are the same query may differ in what was measured.
class Verdicts {
 public:
  static Key key_of(std::span<const uint8_t> genes) {
    Hasher hasher;
    hasher.add_bytes(genes.data(), genes.size());
    return hasher.key();
  }

  bool refused(const Key& key) const { return refused_.contains(key); }
  bool known(const Key& key) const { return admitted_.contains(key) || refused_.contains(key); }
  void add(const Key& key, bool admitted) {
    KeySet& keys = admitted ? admitted_ : refused_;
    if (keys.size() >= kMost) keys = KeySet();
    keys.insert(key);
  }

 private:
  /// Of each kind; past that they are forgotten, and asked for again, so that memory stays bounded.
  static constexpr size_t kMost = size_t{1} << 20;
  KeySet admitted_, refused_;
};

}  // namespace optiproxy
