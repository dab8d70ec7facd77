// Pools restricted to some architectures: whatever finds one, only those become candidates, as they stand there.
#include <map>
#include <set>

#include "../core/candidate_pool.h"
#include "random_program.h"
#include "table_backend.h"
#include "test.h"

namespace optiproxy::test {
namespace {

using Set = std::set<Genes, GenesOrder>;

Set listed(std::span<const uint8_t> all, size_t genes) {
  Set list;
  for (size_t at = 0; at < all.size(); at += genes) {
    const auto one = all.subspan(at, genes);
    list.emplace(one.begin(), one.end());
  }
  return list;
}
Set candidates_of(const CandidatePool& pool) { return listed(pool.candidates(), pool.space().genes()); }

Genes joined(const Set& some) {
  Genes all;
  for (const Genes& genes : some) all.insert(all.end(), genes.begin(), genes.end());
  return all;
}

/// So many different architectures of a space, by their keys.
Genes some_of(const Space& space, size_t count, uint64_t seed) {
  CandidatePool pool(space);
  pool.add_uniform(count, seed, 0);
  return {pool.candidates().begin(), pool.candidates().end()};
}

TableBackend arbitrary() {
  return TableBackend([](int member, std::span<const uint8_t> genes) {
    uint64_t hash = 1469598103934665603u + static_cast<uint64_t>(member);
    for (const uint8_t gene : genes) hash = (hash ^ gene) * 1099511628211u;
    return static_cast<float>(hash >> 40);
  });
}

size_t apart(const Genes& a, const Genes& b) {
  size_t differ = 0;
  for (size_t g = 0; g < a.size(); ++g) differ += a[g] != b[g];
  return differ;
}

}  // namespace

TEST(restricted_pool_takes_nothing_else_whatever_finds_it) {
  Random random(161);
  for (const SpaceProgram& program : {matrix_space(5, 2, true), edge_cell_space(4, 5, Isomorphism::kComputation)}) {
    const Space space(program);
    const Genes allowed = some_of(space, 300, 1);
    const Set wanted = listed(allowed, space.genes());
    CandidatePool pool(space);
    pool.restrict_to(allowed);
    CHECK_EQUAL(pool.count(), 300.0);
    auto only_allowed = [&] {
      const Set found = candidates_of(pool);
      CHECK_EQUAL(found.size(), pool.size());
      for (const Genes& genes : found) CHECK(wanted.contains(genes));
    };
    const size_t climbed = pool.add_climbed(random_relaxation(space.graph(), 6, random), 2, {.draws = 300, .seed = 1});
    only_allowed();
    CHECK(climbed > 0 && pool.size() == climbed);
    CHECK(pool.tally().outside > 0 && pool.tally().added == climbed);
    pool.add_neighbours(std::span(allowed).first(5 * space.genes()));
    only_allowed();
    pool.add_given(some_of(space, 300, 9));
    only_allowed();
    TableBackend table = arbitrary();
    pool.begin_scan({.count = 100, .keep = 20, .seed = 3, .round = 0}, 1);
    while (pool.scan(table, 1, 1, 33) < 1) continue;
    only_allowed();
    pool.add_uniform(1000, 2, 0);
    only_allowed();
    CHECK_EQUAL(pool.size(), size_t{300});
    pool.clear();
    pool.add_known(std::span(allowed).first(100 * space.genes()));
    CHECK_EQUAL(pool.add_uniform(1000, 2, 0), size_t{200});
    only_allowed();
  }
}

TEST(restricted_pool_proposes_the_least_of_those_that_are_the_same) {
  // Isomorphic: inner nodes 1 and 2 exchanged.  And the same again with the pruned node 3 otherwise.
  const Space space(matrix_space(5, 2, true));
  auto cell = [](uint8_t first, uint8_t second, uint8_t third) {
    return Genes{first, second, third, /* 0-x */ 1, 1, 0, 0, /* 1-x */ 0, 0, 1, /* 2-x */ 0, 1, /* 3-4 */ 0};
  };
  const Genes a = cell(0, 1, 1), b = cell(1, 0, 1), c = cell(1, 0, 0), d = cell(0, 0, 0);
  CHECK(space.key(a.data()) == space.key(b.data()) && space.key(a.data()) == space.key(c.data()));
  CandidatePool pool(space);
  pool.restrict_to(joined(Set{a}));
  CHECK_EQUAL(pool.count(), 1.0);
  Genes all = b;
  for (const Genes& more : {a, d, c}) all.insert(all.end(), more.begin(), more.end());
  pool.restrict_to(all);
  CHECK_EQUAL(pool.count(), 2.0);
  CHECK_EQUAL(pool.add_uniform(10, 1, 0), size_t{2});
  CHECK((candidates_of(pool) == Set{a, d}));
  pool.clear();
  pool.add_known(c);  // known by its key, not by its bytes
  CHECK_EQUAL(pool.add_uniform(10, 1, 0), size_t{1});
  CHECK((candidates_of(pool) == Set{d}));
}

TEST(restricted_pool_takes_the_nearest_for_neighbours) {
  const Space space(chain_program(6, 4).graph());
  const Genes allowed = some_of(space, 200, 4);
  CandidatePool pool(space);
  pool.restrict_to(allowed);
  const Genes centre(allowed.begin(), allowed.begin() + 6);
  CHECK_EQUAL(pool.add_neighbours(centre), size_t{32});
  const Set near = candidates_of(pool);
  CHECK(!near.contains(centre));
  size_t farthest = 0;
  for (const Genes& genes : near) farthest = std::max(farthest, apart(genes, centre));
  for (const Genes& genes : listed(allowed, 6)) {
    if (genes != centre && !near.contains(genes)) CHECK(apart(genes, centre) >= farthest);
  }
  CHECK_EQUAL(pool.add_neighbours(centre), size_t{0});
  // One that is not allowed itself, and fewer than there are places.
  CandidatePool few(space);
  few.restrict_to(std::span(allowed).first(5 * 6));
  Genes outside(6, 0);
  while (listed(allowed, 6).contains(outside)) ++outside[0];
  CHECK_EQUAL(few.add_neighbours(outside), size_t{5});
}

TEST(restricted_pool_takes_the_neighbours_that_are_allowed_where_told_so) {
  const Space space(chain_program(6, 4).graph());
  const Genes allowed = some_of(space, 2000, 9);
  CandidatePool pool(space);
  pool.restrict_to(allowed, false);
  const Genes centre(allowed.begin(), allowed.begin() + 6);
  pool.add_neighbours(centre);
  Set near;
  for (const Genes& genes : listed(allowed, 6))
    if (apart(genes, centre) == 1) near.insert(genes);
  CHECK(near.size() > 3 && near.size() < 18);
  CHECK(candidates_of(pool) == near);
}

TEST(restricted_pool_does_not_show_the_order_in_which_it_came) {
  const Space space(chain_program(6, 4).graph());
  const Genes allowed = some_of(space, 200, 7);
  Genes reversed;
  for (size_t at = allowed.size(); at > 0; at -= 6) {
    const auto one = std::span(allowed).subspan(at - 6, 6);
    reversed.insert(reversed.end(), one.begin(), one.end());
  }
  CandidatePool pool(space), other(space);
  pool.restrict_to(allowed);
  other.restrict_to(reversed);
  TableBackend equal([](int, std::span<const uint8_t>) { return 1.0f; });
  const auto same = [&](auto fill) {
    for (CandidatePool* each : {&pool, &other}) {
      each->clear();
      fill(*each);
    }
    CHECK(pool.size() > 0 && std::ranges::equal(pool.candidates(), other.candidates()));
  };
  same([&](CandidatePool& p) { p.add_neighbours(std::span(allowed).first(6)); });
  same([](CandidatePool& p) { p.add_uniform(50, 3, 0); });
  same([&](CandidatePool& p) {
    p.begin_scan({.count = 200, .keep = 10, .seed = 1, .round = 0}, 1);
    while (p.scan(equal, 1, 1, 64) < 1) continue;
  });
}

TEST(restricted_pool_scans_all_that_it_may_propose) {
  const Space space(chain_program(6, 4).graph());
  const Genes allowed = some_of(space, 500, 5);
  CandidatePool pool(space);
  pool.restrict_to(allowed);
  TableBackend table = arbitrary();
  pool.begin_scan({.count = 500, .keep = 500, .seed = 1, .round = 0}, 2);
  CHECK_CLOSE(pool.scan(table, 2, 1, 125), 0.25, 1e-12);
  while (pool.scan(table, 2, 1, 125) < 1) continue;
  CHECK_EQUAL(table.scored, size_t{500});  // each once, by both members at a time
  CHECK(candidates_of(pool) == listed(allowed, 6));
  // Fewer than all: at random, yet no others.
  pool.clear();
  pool.begin_scan({.count = 100, .keep = 1000, .seed = 1, .round = 0}, 2);
  while (pool.scan(table, 2, 1, 7) < 1) continue;
  CHECK(pool.size() > 70 && pool.size() <= 100);
  for (const Genes& genes : candidates_of(pool)) CHECK(listed(allowed, 6).contains(genes));
}

TEST(restricted_pool_draws_uniformly) {
  const Space space(chain_program(3, 4).graph());
  const Genes allowed = some_of(space, 10, 6);
  CandidatePool pool(space);
  pool.restrict_to(allowed);
  std::map<Genes, int, GenesOrder> seen;
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    pool.clear();
    CHECK_EQUAL(pool.add_uniform(1, seed, 0), size_t{1});
    ++seen[Genes(pool.candidate(0).begin(), pool.candidate(0).end())];
  }
  std::vector<int> counts;
  for (const auto& [genes, count] : seen) counts.push_back(count);
  CHECK_EQUAL(counts.size(), size_t{10});
  CHECK(plausible(chi_square(counts), 9));
}

TEST(restricted_pool_refuses_what_it_could_never_propose) {
  SpaceProgram program = matrix_space(4, 2, true);
  program.sections[0].connected = true;
  CandidatePool pool{Space(program)};
  const Genes linked = {0, 1, 1, 0, 0, 0, 1, 0}, loose = {0, 1, 1, 0, 0, 0, 0, 0};
  Genes both = linked;
  both.insert(both.end(), loose.begin(), loose.end());
  CHECK_THROWS(pool.restrict_to(both), "pool: architecture 1 is not valid: cell: no path from an input to an output");
  CHECK_THROWS(pool.restrict_to(Genes{}), "pool: expected at least one architecture");
  CHECK_THROWS(pool.restrict_to(Genes{0, 1}), "expected a multiple of 8 bytes");
  CHECK_THROWS(pool.restrict_to(Genes{0, 3, 1, 0, 0, 0, 1, 0}), "gene 1 of architecture 0");
  CHECK_EQUAL(pool.count(), 4.0 * 64);  // what was refused changed nothing
  pool.restrict_to(linked);
  CHECK_EQUAL(pool.count(), 1.0);
}

}  // namespace optiproxy::test
