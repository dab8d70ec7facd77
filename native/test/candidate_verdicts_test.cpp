// Candidates that the caller judges: what is refused leaves the pool, and is not asked about again, as it is written.
#include <set>

#include "../core/candidate_pool.h"
#include "random_program.h"
#include "table_backend.h"
#include "test.h"

namespace optiproxy::test {
namespace {

/// Admits architectures whose first gene is below `limit`; returns how many it was asked about.
size_t admit_below(CandidatePool& pool, uint8_t limit) {
  const std::vector<size_t> places = pool.unjudged();
  std::vector<uint8_t> verdicts;
  for (const size_t place : places) verdicts.push_back(pool.candidate(place)[0] < limit);
  pool.judge(verdicts);
  return places.size();
}

bool all_below(const CandidatePool& pool, uint8_t limit) {
  for (size_t i = 0; i < pool.size(); ++i)
    if (pool.candidate(i)[0] >= limit) return false;
  return true;
}

}  // namespace

TEST(verdicts_take_the_refused_out_and_keep_the_others_in_order) {
  CandidatePool pool(Space(chain_program(5, 4).graph()));
  pool.add_uniform(200, 1, 0);
  const Genes before(pool.candidates().begin(), pool.candidates().end());
  CHECK_EQUAL(admit_below(pool, 1), size_t{200});
  CHECK(pool.size() > 0 && pool.size() < 200 && all_below(pool, 1));
  Genes expected;
  for (size_t at = 0; at < before.size(); at += 5)
    if (before[at] < 1)
      expected.insert(expected.end(), before.begin() + static_cast<std::ptrdiff_t>(at),
                      before.begin() + static_cast<std::ptrdiff_t>(at) + 5);
  CHECK(std::ranges::equal(expected, pool.candidates()));
  CHECK_EQUAL(pool.tally().added, pool.size());
  CHECK_EQUAL(pool.tally().infeasible, 200 - pool.size());
  // Nothing is asked about twice.
  CHECK(pool.unjudged().empty());
}

TEST(verdicts_hold_when_the_pool_is_filled_again) {
  CandidatePool pool(Space(chain_program(4, 3).graph()));
  pool.add_uniform(81, 1, 0);
  CHECK_EQUAL(pool.size(), size_t{81});
  admit_below(pool, 2);
  CHECK_EQUAL(pool.size(), size_t{54});
  pool.clear();
  // Found again they are candidates until the next verdicts, for which nobody is asked.
  CHECK_EQUAL(pool.add_uniform(81, 2, 0), size_t{81});
  CHECK(pool.unjudged().empty());
  pool.judge({});
  CHECK_EQUAL(pool.size(), size_t{54});
  CHECK(all_below(pool, 2));
  pool.clear();
  const Genes centre{1, 0, 0, 0};
  CHECK_EQUAL(pool.add_neighbours(centre), size_t{8});
  pool.judge({});
  CHECK_EQUAL(pool.size(), size_t{7});
}

TEST(verdicts_are_of_architectures_as_they_are_written) {
  // Isomorphic: inner nodes 1 and 2 exchanged.
  const Space space(matrix_space(5, 2, true));
  const auto cell = [](uint8_t first, uint8_t second) { return Genes{1, 1, 0, 0, 0, 0, 1, 0, 1, 0, first, second, 0}; };
  const Genes a = cell(0, 1), b = cell(1, 0);
  CHECK(space.key(a.data()) == space.key(b.data()));
  CandidatePool pool(space);
  CHECK_EQUAL(pool.add_given(a), size_t{1});
  pool.judge(std::vector<uint8_t>{0});
  CHECK_EQUAL(pool.size(), size_t{0});
  pool.add_given(a);
  CHECK(pool.unjudged().empty());
  pool.judge({});
  CHECK_EQUAL(pool.size(), size_t{0});
  CHECK_EQUAL(pool.add_given(b), size_t{1});
  CHECK_EQUAL(pool.unjudged().size(), size_t{1});
}

TEST(verdicts_that_do_not_fit_are_refused) {
  CandidatePool pool(Space(chain_program(4, 3).graph()));
  pool.add_uniform(10, 1, 0);
  CHECK_THROWS(pool.judge(std::vector<uint8_t>(9, 1)), "expected one for each");
  TableBackend equal([](int, std::span<const uint8_t>) { return 1.0f; });
  pool.score(equal, 1, 1, 100);
  CHECK_THROWS(pool.judge(std::vector<uint8_t>(10, 0)), "no score yet");
  CHECK_EQUAL(pool.size(), size_t{10});
  CHECK_EQUAL(pool.unjudged().size(), size_t{10});
}

}  // namespace optiproxy::test
