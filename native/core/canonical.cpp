#include "canonical.h"

#include <algorithm>
#include <bit>
#include <vector>

namespace optiproxy {
namespace {

using Colours = std::array<uint64_t, 64>;

/// Branches of one search at most.  Symmetries that are found cut branches off, so only graphs without them whose nodes
/// no refinement tells apart come near it; past it equal graphs may get two keys, which costs a query and no result.
constexpr int kMostLeaves = 2000;
/// Symmetries that are remembered.
constexpr size_t kMostSymmetries = 128;

class Search {
 public:
  explicit Search(const LabelledGraph& graph) : g_(graph), count_(std::popcount(graph.nodes)) {
    for (uint64_t left = g_.nodes; left != 0; left &= left - 1)
      node_[n_++] = static_cast<uint8_t>(std::countr_zero(left));
  }

  Key run() {
    Colours colours;
    for (int i = 0; i < n_; ++i) colours[node_[static_cast<size_t>(i)]] = mix(g_.label[node_[static_cast<size_t>(i)]]);
    descend(colours);
    return best_.key;
  }

 private:
  /// What flows into a node from its neighbours, whatever their order.
  uint64_t gather(const Colours& c, size_t v, bool incoming) const {
    uint64_t sum = 0;
    for (int kind = 0; kind < g_.kinds; ++kind) {
      const EdgeMasks& e = g_.edges[static_cast<size_t>(kind)];
      const uint64_t salt = static_cast<uint64_t>(kind) * 0xD6E8FEB86659FD93u;
      for (uint64_t left = incoming ? e.in[v] : e.out[v]; left != 0; left &= left - 1)
        sum += mix(c[static_cast<size_t>(std::countr_zero(left))] + salt);
    }
    return sum;
  }

  /// Numbers of nodes in ascending order of colour; returns how many colours there are.
  int sort(const Colours& c) {
    order_ = node_;
    for (int i = 1; i < n_; ++i) {
      const uint8_t v = order_[static_cast<size_t>(i)];
      int j = i;
      for (; j > 0 && c[order_[static_cast<size_t>(j - 1)]] > c[v]; --j)
        order_[static_cast<size_t>(j)] = order_[static_cast<size_t>(j - 1)];
      order_[static_cast<size_t>(j)] = v;
    }
    int distinct = n_ > 0;
    for (int i = 1; i < n_; ++i) distinct += c[order_[static_cast<size_t>(i)]] != c[order_[static_cast<size_t>(i - 1)]];
    return distinct;
  }

  /// Nodes come in topological order, so one sweep forwards and one back carries every colour as far as edges reach.
  int refine(Colours& c) {
    for (int before = 0;;) {
      for (int i = 0; i < n_; ++i) {
        const size_t v = node_[static_cast<size_t>(i)];
        c[v] = mix(c[v] ^ gather(c, v, true) * 0x9E3779B97F4A7C15u);
      }
      for (int i = n_; i-- > 0;) {
        const size_t v = node_[static_cast<size_t>(i)];
        c[v] = mix(c[v] ^ gather(c, v, false) * 0xC2B2AE3D27D4EB4Fu);
      }
      const int distinct = sort(c);
      if (distinct == count_ || distinct <= before) return distinct;
      before = distinct;
    }
  }

  bool twins(size_t a, size_t b) const {
    if (g_.label[a] != g_.label[b]) return false;
    for (int kind = 0; kind < g_.kinds; ++kind) {
      const EdgeMasks& e = g_.edges[static_cast<size_t>(kind)];
      if (e.in[a] != e.in[b] || e.out[a] != e.out[b]) return false;
    }
    return true;
  }

  size_t root(std::array<uint8_t, 64>& parent, size_t v) const {
    while (parent[v] != v) v = parent[v] = parent[parent[v]];
    return v;
  }

  /// Which nodes the symmetries that keep every node of the path can map to each other: the least node of each class.
  std::array<uint8_t, 64> orbits() const {
    std::array<uint8_t, 64> parent;
    for (size_t v = 0; v < 64; ++v) parent[v] = static_cast<uint8_t>(v);
    for (const auto& image : symmetries_) {
      bool keeps = true;
      for (int i = 0; keeps && i < depth_; ++i)
        keeps = image[path_[static_cast<size_t>(i)]] == path_[static_cast<size_t>(i)];
      if (!keeps) continue;
      for (int i = 0; i < n_; ++i) {
        const size_t v = node_[static_cast<size_t>(i)], a = root(parent, v), b = root(parent, image[v]);
        parent[std::max(a, b)] = static_cast<uint8_t>(std::min(a, b));
      }
    }
    for (size_t v = 0; v < 64; ++v) parent[v] = static_cast<uint8_t>(root(parent, v));
    return parent;
  }

  void descend(Colours c) {
    if (refine(c) == count_) return offer();
    // The first colour that several nodes share.
    int first = 0;
    while (c[order_[static_cast<size_t>(first)]] != c[order_[static_cast<size_t>(first + 1)]]) ++first;
    int last = first + 1;
    while (last < n_ && c[order_[static_cast<size_t>(last)]] == c[order_[static_cast<size_t>(first)]]) ++last;
    std::array<uint8_t, 64> members = order_;
    bool alike = true;
    for (int i = first + 1; i < last; ++i)
      alike = alike && twins(members[static_cast<size_t>(first)], members[static_cast<size_t>(i)]);
    // Nodes with the same neighbours can stand in either place, as can nodes that a symmetry swaps: one branch stands
    // for all of theirs.
    for (int i = first; i < (alike ? first + 1 : last) && leaves_ < kMostLeaves; ++i) {
      const size_t member = members[static_cast<size_t>(i)];
      if (i > first) {
        const auto orbit = orbits();
        bool tried = false;
        for (int j = first; j < i; ++j) tried = tried || orbit[members[static_cast<size_t>(j)]] == orbit[member];
        if (tried) continue;
      }
      Colours next = c;
      next[member] = mix(next[member] + 1);
      path_[static_cast<size_t>(depth_++)] = static_cast<uint8_t>(member);
      descend(next);
      --depth_;
    }
  }

  /// The graph spelt out in the order of its colours, hashed; the least of all branches is the key.
  void offer() {
    ++leaves_;
    std::array<uint8_t, 64> place;
    for (int i = 0; i < n_; ++i) place[order_[static_cast<size_t>(i)]] = static_cast<uint8_t>(i);
    Hasher hasher;
    hasher.add(static_cast<uint64_t>(n_));
    for (int i = 0; i < n_; ++i) {
      const size_t v = order_[static_cast<size_t>(i)];
      hasher.add(g_.label[v]);
      for (int kind = 0; kind < g_.kinds; ++kind) {
        uint64_t row = 0;
        for (uint64_t left = g_.edges[static_cast<size_t>(kind)].in[v]; left != 0; left &= left - 1)
          row |= uint64_t{1} << place[static_cast<size_t>(std::countr_zero(left))];
        hasher.add(row);
      }
    }
    const Key key = hasher.key();
    if (leaves_ == 1) first_ = {key, order_};
    if (leaves_ == 1 || key < best_.key) best_ = {key, order_};
    // The same graph in two orders: what stands in the same place is the same under a symmetry.
    for (const Leaf* other : {&first_, &best_}) {
      if (other->key != key || other->order == order_ || symmetries_.size() == kMostSymmetries) continue;
      auto& image = symmetries_.emplace_back();
      for (int i = 0; i < n_; ++i) image[other->order[static_cast<size_t>(i)]] = order_[static_cast<size_t>(i)];
    }
  }

  const LabelledGraph& g_;
  const int count_;
  int n_ = 0;
  int leaves_ = 0;
  struct Leaf {
    Key key;
    std::array<uint8_t, 64> order;
  };
  std::array<uint8_t, 64> node_{}, order_{};
  Leaf first_{}, best_{};
  std::vector<std::array<uint8_t, 64>> symmetries_;
  std::array<uint8_t, 64> path_{};  // nodes that were told apart by hand on the way here
  int depth_ = 0;
};

}  // namespace

Key canonical_key(const LabelledGraph& graph) { return Search(graph).run(); }

}  // namespace optiproxy
