// The best few of a stream: n ranked architectures of G bytes, whatever the length of the stream.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "key.h"
#include "rank.h"

namespace optiproxy {

class TopList {
 public:
  TopList(size_t genes, size_t most) : genes_(genes), most_(most) {}

  /// What an architecture's rank must be above to be kept.
  Rank floor() const {
    if (most_ == 0) return ~Rank{0};
    return entries_.size() == most_ ? entries_.front().rank : 0;
  }

  /// Keeps the architecture (G) if it is among the best so far; of those with the same key the best is kept.  The order
  /// in which they are offered changes nothing.
  void offer(Rank rank, const uint8_t* architecture, const Key& key) {
    if (rank <= floor()) return;
    const auto same = std::ranges::find(entries_, key, &Entry::key);
    if (same != entries_.end()) {
      if (rank <= same->rank) return;
      *same = {rank, key, {architecture, architecture + genes_}};
      std::ranges::make_heap(entries_, better);
      return;
    }
    if (entries_.size() == most_) {
      std::ranges::pop_heap(entries_, better);
      entries_.pop_back();
    }
    entries_.push_back({rank, key, {architecture, architecture + genes_}});
    std::ranges::push_heap(entries_, better);
  }

  /// (n, G), best first.
  std::vector<uint8_t> best() const {
    std::vector<Entry> sorted = entries_;
    std::ranges::sort(sorted, better);
    std::vector<uint8_t> all;
    for (const Entry& e : sorted) all.insert(all.end(), e.genes.begin(), e.genes.end());
    return all;
  }

 private:
  struct Entry {
    Rank rank;
    Key key;
    std::vector<uint8_t> genes;
  };
  static bool better(const Entry& a, const Entry& b) { return a.rank > b.rank; }

  size_t genes_, most_;
  std::vector<Entry> entries_;  // a heap with the worst in front
};

}  // namespace optiproxy
