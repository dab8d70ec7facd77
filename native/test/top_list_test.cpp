// The best few of a stream against sorting all of it.
#include "../core/top_list.h"

#include <algorithm>
#include <set>

#include "support.h"
#include "test.h"

namespace optiproxy::test {
namespace {

/// Architectures offered in this order, each with a score.
struct Stream {
  size_t genes;
  Genes architectures;
  std::vector<float> scores;

  const uint8_t* at(size_t i) const { return architectures.data() + i * genes; }
  Genes one(size_t i) const { return {at(i), at(i) + genes}; }
};

/// Architectures are the same where they have the same genes.
Key key_of(const Genes& genes) {
  Hasher hasher;
  hasher.add_bytes(genes.data(), genes.size());
  return hasher.key();
}

/// What a list of `most` must hold: distinct, by falling score, of equals the first offered.
Genes best_by_sorting(const Stream& stream, size_t most) {
  std::vector<size_t> order;
  std::set<Genes, GenesOrder> seen;
  for (size_t i = 0; i < stream.scores.size(); ++i) {
    if (seen.insert(stream.one(i)).second) order.push_back(i);
  }
  std::ranges::stable_sort(order, [&](size_t a, size_t b) { return stream.scores[a] > stream.scores[b]; });
  Genes best;
  for (size_t i = 0; i < std::min(most, order.size()); ++i) {
    best.insert(best.end(), stream.at(order[i]), stream.at(order[i]) + stream.genes);
  }
  return best;
}

/// The score is a function of the architecture, with `levels` values: few make ties.
Stream random_stream(Random& random, size_t length, size_t genes, int values, int levels) {
  Stream stream{genes, {}, {}};
  for (size_t i = 0; i < length; ++i) {
    uint64_t hash = 1469598103934665603u;
    for (size_t g = 0; g < genes; ++g) {
      stream.architectures.push_back(static_cast<uint8_t>(random.below(values)));
      hash = (hash ^ stream.architectures.back()) * 1099511628211u;
    }
    stream.scores.push_back(static_cast<float>((hash >> 20) % static_cast<uint64_t>(levels)) - 2);
  }
  return stream;
}

Genes best_by_list(const Stream& stream, size_t most) {
  TopList list(stream.genes, most);
  const auto offer = [&](size_t i) {
    list.offer(rank_of(stream.scores[i], static_cast<uint32_t>(i)), stream.at(i), key_of(stream.one(i)));
  };
  for (size_t i = 0; i < stream.scores.size(); ++i) offer(i);
  // The order of offers changes nothing, nor that some come again.
  TopList turned(stream.genes, most);
  std::swap(list, turned);
  for (size_t i = stream.scores.size(); i-- > 0;) offer(i);
  for (size_t i = 0; i < stream.scores.size(); i += 3) offer(i);
  CHECK(list.best() == turned.best());
  return list.best();
}

}  // namespace

TEST(top_list_holds_what_sorting_all_gives) {
  Random random(11);
  for (int round = 0; round < 600; ++round) {
    const auto length = static_cast<size_t>(random.below(300)), genes = static_cast<size_t>(1 + random.below(5));
    // Two values of few genes: mostly duplicates; many values: mostly none.
    const int values = round % 2 == 0 ? 2 : 200, levels = round % 3 == 0 ? 3 : 1 << 20;
    const Stream stream = random_stream(random, length, genes, values, levels);
    for (const size_t most : {size_t{0}, size_t{1}, size_t{2}, size_t{17}, length, length + 5}) {
      CHECK_CASE(best_by_list(stream, most) == best_by_sorting(stream, most),
                 "round " + std::to_string(round) + ", most " + std::to_string(most));
    }
  }
}

TEST(top_list_takes_every_order) {
  std::vector<size_t> order = {0, 1, 2, 3, 4, 5};
  do {
    Stream stream{1, {}, {}};
    for (const size_t i : order) {
      stream.architectures.push_back(static_cast<uint8_t>(i));
      stream.scores.push_back(static_cast<float>(i / 2));  // pairs of equals
    }
    for (size_t most = 0; most <= 7; ++most) CHECK(best_by_list(stream, most) == best_by_sorting(stream, most));
  } while (std::ranges::next_permutation(order).found);
}

TEST(top_list_keeps_the_best_of_those_with_one_key) {
  Random random(12);
  for (int round = 0; round < 300; ++round) {
    const size_t most = static_cast<size_t>(1 + random.below(8));
    TopList list(1, most);
    std::vector<std::pair<float, uint8_t>> best(10, {-1e30f, 0});  // of each key
    for (uint8_t i = 0; i < 100; ++i) {
      const auto key = static_cast<size_t>(random.below(10));
      const auto score = static_cast<float>(random.normal());
      list.offer(rank_of(score, i), &i, {key, 1});
      if (score > best[key].first) best[key] = {score, i};
    }
    std::ranges::sort(best, std::greater());
    Genes wanted;
    for (size_t i = 0; i < most; ++i) wanted.push_back(best[i].second);
    CHECK(list.best() == wanted);
  }
}

TEST(ranks_have_the_order_of_scores_and_of_equals_that_of_numbers) {
  const std::vector<float> scores{-FLT_MAX, -1e30f, -2, -1.5f, -FLT_TRUE_MIN, 0, FLT_TRUE_MIN, 1e-3f, 2, FLT_MAX};
  for (size_t i = 0; i < scores.size(); ++i) {
    for (size_t j = 0; j < scores.size(); ++j) {
      for (const uint32_t a : {0u, 1u, UINT32_MAX}) {
        for (const uint32_t b : {0u, 7u, UINT32_MAX}) {
          const bool wanted = scores[i] > scores[j] || (i == j && a < b);
          CHECK_EQUAL(rank_of(scores[i], a) > rank_of(scores[j], b), wanted);
        }
        CHECK_EQUAL(number_of(rank_of(scores[i], a)), a);
      }
    }
  }
  CHECK_EQUAL(rank_of(-0.0f, 5), rank_of(0.0f, 5));
  CHECK_EQUAL(rankable(NAN), -1e30f);
  CHECK_EQUAL(rankable(INFINITY), -1e30f);
  CHECK_EQUAL(rankable(-INFINITY), -1e30f);
  CHECK_EQUAL(rankable(-3.5f), -3.5f);
}

TEST(top_list_is_read_without_being_changed) {
  TopList list(1, 2);
  CHECK(list.best().empty());
  const Genes all = {0, 1, 2, 3};
  list.offer(rank_of(1, 0), &all[1], {1, 0});
  CHECK(list.best() == Genes{1});
  list.offer(rank_of(3, 1), &all[3], {3, 0});
  list.offer(rank_of(-1e30f, 2), &all[0], {0, 0});  // what a diverged member predicts
  CHECK((list.best() == Genes{3, 1}));
  list.offer(rank_of(2, 3), &all[2], {2, 0});
  CHECK((list.best() == Genes{3, 2}));
  CHECK(list.best() == list.best());
}

}  // namespace optiproxy::test
