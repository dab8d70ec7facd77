// A few that stand for many: each step against all that could be chosen, the choice against the best there is.
#include "../core/representatives.h"

#include <numeric>
#include <set>

#include "../core/candidate_pool.h"
#include "random_program.h"
#include "reference_kernel.h"
#include "test.h"

namespace optiproxy::test {
namespace {

/// exp((mean similarity - 1) / 0.3) of all pairs, (m, m).
std::vector<Numbers> closeness(const Space& space, const Genes& all) {
  const size_t m = all.size() / space.genes();
  const auto views = reference_similarities(space.graph(), all, all, all);
  std::vector<Numbers> close(m);
  for (size_t i = 0; i < views.size(); ++i)
    close[i / m].push_back(std::exp((std::accumulate(views[i].begin(), views[i].end(), 0.0) / kViews - 1) / 0.3));
  return close;
}

/// How well these stand for all: sum over all of how close the closest is.
double covered(const std::vector<Numbers>& close, const std::vector<size_t>& chosen) {
  double sum = 0;
  for (size_t j = 0; j < close.size(); ++j) {
    double most = 0;
    for (size_t i : chosen) most = std::max(most, close[i][j]);
    sum += most;
  }
  return sum;
}

double best_pair(const std::vector<Numbers>& close) {
  double best = 0;
  for (size_t a = 0; a < close.size(); ++a) {
    for (size_t b = 0; b < a; ++b) best = std::max(best, covered(close, {a, b}));
  }
  return best;
}

}  // namespace

TEST(representatives_each_stand_for_the_most_that_is_left) {
  Random random(251);
  std::vector<Space> spaces{chain_program(4, 3), free_program(3, 3), Space(matrix_space(5, 2, true))};
  for (int i = 0; i < 4; ++i) spaces.emplace_back(random_program({}, random));
  for (const Space& space : spaces) {
    const Genes all = drawn_architectures(space, 40, 1);
    const auto close = closeness(space, all);
    const auto chosen = representatives(space, all, 12);
    CHECK_EQUAL(chosen.size(), size_t{12});
    std::vector<size_t> before;
    for (size_t place : chosen) {
      CHECK(place < 40 && std::ranges::count(before, place) == 0);
      std::vector<size_t> now = before;
      now.push_back(place);
      for (size_t other = 0; other < 40; ++other) {
        if (std::ranges::count(before, other) > 0) continue;
        std::vector<size_t> instead = before;
        instead.push_back(other);
        CHECK(covered(close, instead) <= covered(close, now) + 1e-4);
      }
      before = now;
    }
    CHECK(covered(close, {chosen[0], chosen[1]}) >= (1 - 1 / std::exp(1.0)) * best_pair(close));
  }
}

TEST(representatives_begin_with_those_of_fewer) {
  const Space space(matrix_space(5, 3, true));
  const Genes all = drawn_architectures(space, 30, 2);
  const auto most = representatives(space, all, 30);
  for (size_t count = 0; count < 30; ++count) {
    const auto some = representatives(space, all, count);
    CHECK_EQUAL(some.size(), count);
    CHECK(std::equal(some.begin(), some.end(), most.begin()));
  }
  std::set<size_t> places(most.begin(), most.end());
  CHECK_EQUAL(places.size(), size_t{30});
  CHECK(representatives(space, all, 1000) == most);
}

TEST(representatives_take_the_same_twice_last) {
  const Space space = chain_program(4, 3);
  const Genes kinds = {0, 0, 0, 0, 2, 2, 2, 2, 1, 0, 2, 1};
  Genes all;
  for (size_t i = 0; i < 9; ++i)
    all.insert(all.end(), kinds.begin() + static_cast<std::ptrdiff_t>(i % 3 * 4),
               kinds.begin() + static_cast<std::ptrdiff_t>(i % 3 * 4 + 4));
  const auto chosen = representatives(space, all, 9);
  CHECK_EQUAL((std::set<size_t>{chosen[0] % 3, chosen[1] % 3, chosen[2] % 3}.size()), size_t{3});
  CHECK_EQUAL((std::set<size_t>(chosen.begin(), chosen.end()).size()), size_t{9});
}

TEST(representatives_of_none) {
  const Space space = chain_program(4, 3);
  CHECK(representatives(space, {}, 5).empty());
  CHECK(representatives(space, drawn_architectures(space, 5, 1), 0).empty());
  CHECK(representatives(space, Genes(4, 1), 5) == std::vector<size_t>{0});
  CHECK(CandidatePool(space).representatives(3).empty());
}

TEST(pool_representatives_are_those_of_its_normalised_candidates) {
  const Space space(matrix_space(5, 2, true));
  CandidatePool pool(space);
  pool.add_uniform(60, 1, 0);
  Genes normal(pool.candidates().size());
  for (size_t i = 0; i < pool.size(); ++i) space.normalise(pool.candidate(i).data(), normal.data() + i * space.genes());
  CHECK(!std::ranges::equal(normal, pool.candidates()));
  CHECK(pool.representatives(8) == representatives(space, normal, 8));
}

}  // namespace optiproxy::test
