#include "allowed.h"

#include <algorithm>
#include <string>
#include <utility>

#include "error.h"

namespace optiproxy {

Allowed::Allowed(const Space& space, std::span<const uint8_t> architectures) : genes_(space.genes()) {
  space.graph().check_genes(architectures);
  std::vector<std::pair<Key, std::span<const uint8_t>>> keyed;
  for (size_t at = 0; at < architectures.size(); at += genes_) {
    const auto genes = architectures.subspan(at, genes_);
    if (const int reason = space.check(genes.data()); reason != 0)
      fail("pool: architecture " + std::to_string(at / genes_) +
           " is not valid: " + space.reasons()[static_cast<size_t>(reason)]);
    keyed.emplace_back(space.key(genes.data()), genes);
  }
  require(!keyed.empty(), "pool: expected at least one architecture");
  // A table may be sorted by what it measures.  Places decide ties, so the order in which they come must not show.
  std::ranges::sort(keyed, [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : std::ranges::lexicographical_compare(a.second, b.second);
  });
  for (const auto& [key, genes] : keyed) {
    if (keys_.insert(key)) rows_.insert(rows_.end(), genes.begin(), genes.end());
  }
  columns_.resize(rows_.size());
  for (size_t i = 0; i < size(); ++i) {
    for (size_t g = 0; g < genes_; ++g) columns_[g * size() + i] = rows_[i * genes_ + g];
  }
}

std::vector<uint32_t> Allowed::nearest(const uint8_t* architecture, size_t count) const {
  const size_t n = size();
  std::vector<uint16_t> differ(n);
  for (size_t g = 0; g < genes_; ++g) {
    const uint8_t* column = columns_.data() + g * n;
    const uint8_t gene = architecture[g];
    for (size_t i = 0; i < n; ++i) differ[i] = static_cast<uint16_t>(differ[i] + (column[i] != gene));
  }
  std::vector<size_t> numbers(genes_ + 1);
  for (const uint16_t d : differ) ++numbers[d];
  size_t farthest = 0, within = 0;
  while (within < count && farthest < genes_) within += numbers[++farthest];
  std::vector<uint32_t> places;
  for (uint32_t i = 0; i < n; ++i) {
    if (differ[i] > 0 && differ[i] <= farthest) places.push_back(i);
  }
  std::ranges::stable_sort(places, {}, [&](uint32_t i) { return differ[i]; });
  places.resize(std::min(count, places.size()));
  return places;
}

}  // namespace optiproxy
