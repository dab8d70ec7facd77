// Keys of labelled graphs: equal exactly where some order of nodes makes two graphs one.
#include "../core/canonical.h"

#include <chrono>
#include <map>
#include <numeric>
#include <set>

#include "reference_space.h"
#include "test.h"

namespace optiproxy::test {
namespace {

/// Labels and edges (from, to, kind) of nodes in topological order, on the bits `places` of a word.
struct Drawn {
  std::vector<uint64_t> labels;
  std::vector<std::array<size_t, 3>> edges;
};

Key key_of(const Drawn& graph, const std::vector<size_t>& places, int kinds) {
  LabelledGraph g;
  g.kinds = kinds;
  // What is not part of the graph may hold anything.
  g.label.fill(0x5555);
  for (EdgeMasks& masks : g.edges) {
    masks.in.fill(0);
    masks.out.fill(0);
  }
  for (size_t i = 0; i < graph.labels.size(); ++i) {
    g.nodes |= uint64_t{1} << places[i];
    g.label[places[i]] = graph.labels[i];
  }
  for (const auto& [from, to, kind] : graph.edges) {
    g.edges[kind].in[places[to]] |= uint64_t{1} << places[from];
    g.edges[kind].out[places[from]] |= uint64_t{1} << places[to];
  }
  return canonical_key(g);
}

std::vector<size_t> first_places(size_t count) {
  std::vector<size_t> places(count);
  std::iota(places.begin(), places.end(), size_t{0});
  return places;
}

/// Keys of all graphs of n nodes with so many labels and kinds of edges are one to one with their isomorphism classes.
size_t check_all(size_t n, int labels, int kinds) {
  std::vector<std::pair<size_t, size_t>> pairs;
  for (size_t to = 1; to < n; ++to) {
    for (size_t from = 0; from < to; ++from) pairs.emplace_back(from, to);
  }
  const std::vector<size_t> places = first_places(n);
  std::map<std::string, Key> of_class;
  std::set<Key> keys;
  std::vector<int> digits(n + pairs.size(), 0);
  for (;;) {
    Drawn graph;
    PlainGraph plain;
    for (size_t i = 0; i < n; ++i) {
      graph.labels.push_back(static_cast<uint64_t>(digits[i]));
      plain.labels.push_back(std::to_string(digits[i]));
    }
    for (size_t i = 0; i < pairs.size(); ++i) {
      if (digits[n + i] == 0) continue;
      const auto [from, to] = pairs[i];
      graph.edges.push_back({from, to, static_cast<size_t>(digits[n + i] - 1)});
      plain.edges[{static_cast<int>(from), static_cast<int>(to)}] = digits[n + i];
    }
    const Key key = key_of(graph, places, kinds);
    const auto [entry, fresh] = of_class.emplace(least_text(plain), key);
    CHECK(entry->second == key);
    CHECK_EQUAL(keys.insert(key).second, fresh);
    size_t d = 0;
    while (d < digits.size() && digits[d] == (d < n ? labels - 1 : kinds)) digits[d++] = 0;
    if (d == digits.size()) return of_class.size();
    ++digits[d];
  }
}

/// The same graph with its nodes in another topological order, on other bits.
Drawn reordered(const Drawn& graph, Random& random) {
  const size_t n = graph.labels.size();
  std::vector<size_t> waiting(n, 0), place(n), ready;
  for (const auto& edge : graph.edges) ++waiting[edge[1]];
  for (size_t i = 0; i < n; ++i) {
    if (waiting[i] == 0) ready.push_back(i);
  }
  Drawn other;
  while (!ready.empty()) {
    std::swap(ready[static_cast<size_t>(random.below(static_cast<int>(ready.size())))], ready.back());
    const size_t node = ready.back();
    ready.pop_back();
    place[node] = other.labels.size();
    other.labels.push_back(graph.labels[node]);
    for (const auto& edge : graph.edges) {
      if (edge[0] == node && --waiting[edge[1]] == 0) ready.push_back(edge[1]);
    }
  }
  for (const auto& edge : graph.edges) other.edges.push_back({place[edge[0]], place[edge[1]], edge[2]});
  return other;
}

std::vector<size_t> random_places(size_t count, Random& random) {
  std::vector<size_t> places = first_places(64);
  for (size_t i = 64; i > 1; --i)
    std::swap(places[i - 1], places[static_cast<size_t>(random.below(static_cast<int>(i)))]);
  places.resize(count);
  std::ranges::sort(places);
  return places;
}

/// Every order gives one key; leaving out or turning any edge to another kind gives another.  Returns seconds a key.
double check_orders(const Drawn& graph, Random& random, int orders = 8) {
  const std::vector<size_t> places = first_places(graph.labels.size());
  const auto start = std::chrono::steady_clock::now();
  const Key key = key_of(graph, places, 2);
  for (int i = 0; i < orders; ++i)
    CHECK(key_of(reordered(graph, random), random_places(graph.labels.size(), random), 2) == key);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  Drawn other = graph;
  other.edges[static_cast<size_t>(random.below(static_cast<int>(other.edges.size())))][2] = 1;
  CHECK(key_of(other, places, 2) != key);
  other = graph;
  other.edges.pop_back();
  CHECK(key_of(other, places, 2) != key);
  other = graph;
  other.labels[static_cast<size_t>(random.below(static_cast<int>(other.labels.size())))] += 100;
  CHECK(key_of(other, places, 2) != key);
  return seconds.count() / (orders + 1);
}

/// Between an input and an output, `count` times the same chain of `length` nodes.
Drawn parallel(size_t count, size_t length) {
  Drawn graph{.labels = {1}, .edges = {}};
  const size_t output = 1 + count * length;
  for (size_t c = 0; c < count; ++c) {
    for (size_t i = 0; i < length; ++i) {
      graph.labels.push_back(2);
      graph.edges.push_back({i == 0 ? 0 : graph.labels.size() - 2, graph.labels.size() - 1, 0});
    }
    graph.edges.push_back({graph.labels.size() - 1, output, 0});
  }
  graph.labels.push_back(3);
  return graph;
}

}  // namespace

TEST(canonical_keys_are_one_to_one_with_classes_of_small_graphs) {
  // Unlabelled DAGs of n nodes, as known: 1, 2, 6, 31, 302.
  const std::array<size_t, 5> known{1, 2, 6, 31, 302};
  for (size_t n = 1; n <= 5; ++n) CHECK_EQUAL(check_all(n, 1, 1), known[n - 1]);
  for (size_t n = 2; n <= 4; ++n) check_all(n, 2, 1);
  check_all(5, 2, 1);
  check_all(4, 2, 2);
  check_all(3, 3, 3);
}

TEST(canonical_keys_of_random_graphs_do_not_depend_on_the_order) {
  Random random(131);
  for (int i = 0; i < 300; ++i) {
    const auto n = static_cast<size_t>(2 + random.below(i % 10 == 0 ? 63 : 12));
    Drawn graph;
    const int density = 1 + random.below(5), labels = 1 + random.below(3);
    for (size_t to = 0; to < n; ++to) {
      graph.labels.push_back(static_cast<uint64_t>(random.below(labels)));
      // At least one edge in and so some structure: many loose nodes of one label are a case of their own.
      for (size_t from = 0; from < to; ++from) {
        if (random.below(density) == 0 || from + 1 == to) graph.edges.push_back({from, to, 0});
      }
    }
    check_orders(graph, random, 3);
  }
}

TEST(canonical_keys_of_symmetric_graphs_do_not_depend_on_the_order) {
  Random random(132);
  std::vector<std::pair<const char*, Drawn>> cases{{"20 parallel nodes", parallel(20, 1)},
                                                   {"62 parallel nodes", parallel(62, 1)},
                                                   {"2 chains of 8", parallel(2, 8)},
                                                   {"4 chains of 3", parallel(4, 3)},
                                                   {"6 chains of 2", parallel(6, 2)}};
  // Two equal components that nothing joins.
  Drawn twice;
  for (size_t half = 0; half < 2; ++half) {
    for (size_t i = 0; i < 6; ++i) twice.labels.push_back(i % 2);
    for (const auto& [from, to] : {std::pair{0, 1}, {0, 2}, {1, 3}, {2, 3}, {3, 4}, {2, 5}})
      twice.edges.push_back({6 * half + static_cast<size_t>(from), 6 * half + static_cast<size_t>(to), 0});
  }
  cases.emplace_back("two components", twice);
  // Every left node joined with the next two on the right, in rings: no refinement tells rings of any length apart.
  const std::vector<std::pair<const char*, std::vector<size_t>>> rings{
      {"a ring", {12}},           {"rings of 6 and 6", {6, 6}},       {"rings of 4 and 8", {4, 8}},
      {"three rings", {3, 4, 5}}, {"rings of 3, 3 and 6", {3, 3, 6}}, {"four rings", {3, 3, 3, 3}}};
  for (const auto& [name, lengths] : rings) {
    Drawn ring{.labels = std::vector<uint64_t>(24, 7), .edges = {}};
    size_t first = 0;
    for (size_t length : lengths) {
      for (size_t i = 0; i < length; ++i) {
        ring.edges.push_back({first + i, 12 + first + i, 0});
        ring.edges.push_back({first + i, 12 + first + (i + 1) % length, 0});
      }
      first += length;
    }
    cases.emplace_back(name, ring);
  }
  // All of 8 joined with all of 8, thrice.
  Drawn layers{.labels = std::vector<uint64_t>(24, 7), .edges = {}};
  for (size_t to = 8; to < 24; ++to) {
    for (size_t from = to / 8 * 8 - 8; from < to / 8 * 8; ++from) layers.edges.push_back({from, to, 0});
  }
  cases.emplace_back("layers", layers);
  std::set<Key> keys;
  for (const auto& [name, graph] : cases) {
    const double seconds = check_orders(graph, random);
    CHECK_CASE(seconds < 0.05, std::string(name) + ": " + text(seconds) + " s a key");
    CHECK(keys.insert(key_of(graph, first_places(graph.labels.size()), 2)).second);
  }
}

/// Three edges from and to every node, at random: hardly a symmetry, and yet all nodes look alike.
TEST(canonical_keys_of_regular_graphs_do_not_depend_on_the_order) {
  Random random(134);
  std::set<Key> keys;
  constexpr int kGraphs = 100;
  for (int i = 0; i < kGraphs; ++i) {
    const auto n = static_cast<size_t>(6 + random.below(15));
    Drawn graph{.labels = std::vector<uint64_t>(2 * n, 1), .edges = {}};
    std::set<std::pair<size_t, size_t>> taken;
    while (taken.size() < 3 * n) {
      taken.clear();
      for (int turn = 0; turn < 3; ++turn) {
        std::vector<size_t> to = first_places(n);
        for (size_t k = n; k > 1; --k) std::swap(to[k - 1], to[static_cast<size_t>(random.below(static_cast<int>(k)))]);
        for (size_t from = 0; from < n; ++from) taken.emplace(from, n + to[from]);
      }
    }
    for (const auto& [from, to] : taken) graph.edges.push_back({from, to, 0});
    CHECK(check_orders(graph, random, 4) < 0.2);
    keys.insert(key_of(graph, first_places(2 * n), 2));
  }
  CHECK(keys.size() > kGraphs / 2);
}

/// Where branches are cut off equal graphs may get two keys, but none takes long and different ones never get the same.
TEST(canonical_keys_are_bounded_in_time) {
  Random random(133);
  for (const Drawn& graph : {parallel(12, 2), parallel(20, 3)}) {
    const auto start = std::chrono::steady_clock::now();
    key_of(graph, first_places(graph.labels.size()), 1);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    std::printf("    %zu nodes: %.3f s\n", graph.labels.size(), seconds.count());
    CHECK(seconds.count() < 10);  // of a sanitized build
  }
}

}  // namespace optiproxy::test
