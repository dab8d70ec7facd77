// The best few of a stream: n scored architectures of G bytes, whatever the length of the stream.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "key.h"

namespace optiproxy {

class TopList {
 public:
  TopList(size_t genes, size_t most) : genes_(genes), most_(most) {}

  /// Keeps the architecture (G) if it is among the best so far.  Of equal scores the one offered first wins; of those
  /// with the same key the best is kept.
  void offer(float score, const uint8_t* architecture, const Key& key) {
    const uint64_t order = offered_++;
    if (entries_.size() == most_ && (most_ == 0 || score <= entries_.front().score)) return;
    const auto same = std::ranges::find(entries_, key, &Entry::key);
    if (same != entries_.end()) {
      if (score <= same->score) return;
      *same = {score, order, key, {architecture, architecture + genes_}};
      std::ranges::make_heap(entries_, better);
      return;
    }
    if (entries_.size() == most_) {
      std::ranges::pop_heap(entries_, better);
      entries_.pop_back();
    }
    entries_.push_back({score, order, key, {architecture, architecture + genes_}});
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
    float score;
    uint64_t order;  // when it was offered
    Key key;
    std::vector<uint8_t> genes;
  };
  static bool better(const Entry& a, const Entry& b) {
    return a.score > b.score || (a.score == b.score && a.order < b.order);
  }

  size_t genes_, most_;
  uint64_t offered_ = 0;
  std::vector<Entry> entries_;  // a heap with the worst in front
};

}  // namespace optiproxy
