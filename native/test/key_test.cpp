// The flat hash set of keys against the standard library's set, and what hashes must tell apart.
#include "../core/key.h"

#include <map>
#include <set>

#include "support.h"
#include "test.h"

namespace optiproxy::test {
namespace {

Key key_of(std::vector<uint64_t> words) {
  Hasher hasher;
  for (uint64_t word : words) hasher.add(word);
  return hasher.key();
}

}  // namespace

TEST(key_set_agrees_with_a_set_and_an_order) {
  Random random(5);
  for (int range : {1, 7, 300, 100000}) {
    KeySet set;
    std::map<Key, uint32_t> model;
    for (int step = 0; step < 5000; ++step) {
      // Low words that collide in the table's slots, and keys that differ in the high word alone.
      const auto place = static_cast<uint64_t>(random.below(range));
      const Key key{(place % 97) << 20, place};
      const bool fresh = model.emplace(key, static_cast<uint32_t>(model.size())).second;
      CHECK_EQUAL(set.insert(key), fresh);
      if (random.below(2000) != 0) continue;
      set.clear();
      model.clear();
      CHECK(!set.contains(key) && set.size() == 0);
    }
    CHECK_EQUAL(set.size(), model.size());
    for (const auto& [key, place] : model) CHECK_EQUAL(set.find(key), place);
    CHECK(!set.contains(Key{1, 1}));
    CHECK_EQUAL(set.find(Key{1, 1}), KeySet::kNone);
  }
}

TEST(hasher_tells_sequences_apart) {
  std::set<Key> keys;
  size_t hashed = 0;
  for (uint64_t a = 0; a < 30; ++a) {
    keys.insert(key_of({a}));
    ++hashed;
    for (uint64_t b = 0; b < 30; ++b) {
      keys.insert(key_of({a, b}));
      keys.insert(key_of({a, b, 0}));
      hashed += 2;
    }
  }
  CHECK_EQUAL(keys.size(), hashed);
  // Both words depend on every bit.
  std::set<uint64_t> low, high;
  for (int bit = 0; bit < 64; ++bit) {
    const Key key = key_of({uint64_t{1} << bit});
    low.insert(key.low);
    high.insert(key.high);
  }
  CHECK(low.size() == 64 && high.size() == 64);
  // Bytes that pad with zeros are told from bytes that are zeros.
  const uint8_t bytes[9] = {1, 2, 3, 0, 0, 0, 0, 0, 0};
  std::set<Key> lengths;
  for (size_t length = 3; length <= 9; ++length) {
    Hasher hasher;
    hasher.add_bytes(bytes, length);
    lengths.insert(hasher.key());
  }
  CHECK_EQUAL(lengths.size(), size_t{7});
}

}  // namespace optiproxy::test
