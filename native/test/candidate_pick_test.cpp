// Which candidates are picked, on a stand-in backend whose predictions are known.
#include <algorithm>
#include <functional>
#include <set>

#include "../core/candidate_pool.h"
#include "table_backend.h"
#include "test.h"

namespace optiproxy::test {
namespace {

/// Of architectures of two genes.
TableBackend table_of(std::function<float(int member, int first, int second)> value) {
  return TableBackend(
      [value = std::move(value)](int m, std::span<const uint8_t> genes) { return value(m, genes[0], genes[1]); });
}

/// All 16 architectures of two genes with four values, in order.
CandidatePool table_pool() {
  CandidatePool pool(chain_program(2, 4));
  pool.add_uniform(16, 1, 0);
  return pool;
}

}  // namespace

TEST(pool_picks_by_mean) {
  TableBackend table =
      table_of([](int m, int a, int b) { return static_cast<float>(4 * a + b + (m == 0 ? 100 : -100)); });
  CandidatePool pool = table_pool();
  CHECK(!pool.score(table, 2, 1, 100));
  const std::vector<size_t> best = pool.pick(5, PickRule::kMean, 1, 0);
  for (size_t i = 0; i < 5; ++i) CHECK_EQUAL(pool.mean(best[i]), static_cast<float>(15 - i));
  CHECK_EQUAL(pool.pick(100, PickRule::kMean, 1, 0).size(), size_t{16});
  // Equal values: the earlier candidate.
  TableBackend flat = table_of([](int, int, int) { return 1.0f; });
  CandidatePool equal = table_pool();
  equal.score(flat, 1, 1, 100);
  CHECK((equal.pick(3, PickRule::kMean, 1, 0) == std::vector<size_t>{0, 1, 2}));
}

TEST(pool_gives_the_scores_of_every_member) {
  TableBackend table = table_of([](int m, int a, int b) { return static_cast<float>(100 * m + 4 * a + b); });
  CandidatePool pool(chain_program(2, 4));
  CHECK(pool.scores().empty());
  CHECK_EQUAL(pool.add_given(Genes{1, 2, 3, 0, 1, 2}), size_t{2});
  CHECK_THROWS(pool.scores(), "score the candidates first");
  pool.score(table, 3, 1, 1);
  CHECK_THROWS(pool.scores(), "score the candidates first");
  pool.score(table, 3, 1, 1);
  CHECK(std::ranges::equal(pool.scores(), std::vector<float>{6, 106, 206, 12, 112, 212}));
}

TEST(pool_deviation_is_that_of_the_members) {
  TableBackend table = table_of([](int m, int a, int b) { return static_cast<float>(1000 + a + m * b); });
  CandidatePool pool = table_pool();
  pool.score(table, 3, 1, 100);
  // Members predict c, c + b, c + 2b: a sample of deviation b.
  for (size_t i = 0; i < pool.size(); ++i) CHECK_EQUAL(pool.deviation(i), static_cast<float>(pool.candidate(i)[1]));
  CandidatePool alone = table_pool();
  alone.score(table, 1, 1, 100);
  CHECK_EQUAL(alone.deviation(7), 0.0f);
}

TEST(pool_neighbours_of_best_surround_the_best) {
  TableBackend table = table_of([](int, int a, int b) { return static_cast<float>(a == 2 && b == 1); });
  CandidatePool pool(chain_program(2, 4));
  pool.add_known(Genes{3, 1});
  pool.add_neighbours(Genes{0, 1});  // (2, 1) is among them
  pool.score(table, 1, 1, 100);
  const size_t before = pool.size();
  CHECK_EQUAL(before, size_t{5});
  CHECK_EQUAL(pool.add_neighbours_of_best(1),
              size_t{4});  // of (2, 1): (0, 1), (2, 0), (2, 2), (2, 3), not (1, 1), (3, 1)
  std::set<Genes, GenesOrder> all;
  for (size_t i = 0; i < pool.size(); ++i) all.emplace(pool.candidate(i).begin(), pool.candidate(i).end());
  for (const Genes& wanted : {Genes{0, 1}, Genes{2, 0}, Genes{2, 2}, Genes{2, 3}}) CHECK(all.contains(wanted));
  CHECK(pool.score(table, 1, 1, 1));  // the new ones have no score yet
}

TEST(pool_thompson_gives_each_member_its_turn) {
  // Member m is sure of first gene m; the second gene ranks within it.
  TableBackend table = table_of([](int m, int a, int b) { return static_cast<float>((a == m ? 10 : 0) + b); });
  CandidatePool pool = table_pool();
  pool.score(table, 4, 1, 100);
  std::vector<int> first(4, 0);
  for (uint32_t round = 0; round < 400; ++round) {
    const std::vector<size_t> picked = pool.pick(6, PickRule::kThompson, 1, round);
    CHECK_EQUAL(picked.size(), size_t{6});
    CHECK_EQUAL(std::set<size_t>(picked.begin(), picked.end()).size(), size_t{6});
    std::set<int> turn;
    for (size_t i = 0; i < 4; ++i) {
      CHECK_EQUAL(static_cast<int>(pool.candidate(picked[i])[1]), 3);  // each member's favourite
      turn.insert(pool.candidate(picked[i])[0]);
    }
    CHECK_EQUAL(turn.size(), size_t{4});  // all members before one comes again
    for (size_t i = 4; i < 6; ++i) CHECK_EQUAL(static_cast<int>(pool.candidate(picked[i])[1]), 2);
    ++first[pool.candidate(picked[0])[0]];
    CHECK(pool.pick(6, PickRule::kThompson, 1, round) == picked);
  }
  CHECK(plausible(chi_square(first), 3));
  CHECK_EQUAL(pool.pick(100, PickRule::kThompson, 1, 0).size(), size_t{16});
}

}  // namespace optiproxy::test
