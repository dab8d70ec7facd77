// Candidates of spaces with constraints and equal architectures: what becomes of each proposal.
#include <chrono>
#include <map>
#include <set>

#include "../core/candidate_pool.h"
#include "../core/distribution_draw.h"
#include "random_program.h"
#include "table_backend.h"
#include "test.h"

namespace optiproxy::test {
namespace {

/// A space whose valid architectures have at least `least` values 1 or more.
SpaceProgram counted(const GraphProgram& graph, int least) {
  SpaceProgram program;
  program.graph = graph;
  ValueCount count{.name = "enough ones", .terms = {}, .min = least, .max = 1 << 20};
  for (int g = 0; g < graph.gene_count(); ++g) count.terms.push_back({g, ValueSet({1, 2, 3, 4})});
  program.counts.push_back(count);
  return program;
}

}  // namespace

TEST(pool_proposes_equal_architectures_once) {
  for (const auto& [rule, wanted] : {std::pair{Isomorphism::kSkips, size_t{12751}},
                                     {Isomorphism::kZeros, size_t{6466}},
                                     {Isomorphism::kComputation, size_t{4930}}}) {
    SpaceProgram program = edge_cell_space(4, 5, rule);
    program.edge_cells[0].ranks = {1, 4, 2, 3, 0};
    CandidatePool pool{Space(program)};
    CHECK_EQUAL(pool.add_uniform(20000, 1, 0), wanted);
  }
  SpaceProgram cells = matrix_space(5, 3, true);
  cells.sections[0].max_edges = 9;
  cells.sections[0].connected = true;
  CandidatePool pool{Space(cells)};
  CHECK_EQUAL(pool.add_uniform(20000, 1, 0), size_t{2532});
  std::set<Key> keys;
  for (size_t i = 0; i < pool.size(); ++i) {
    CHECK_EQUAL(pool.space().check(pool.candidate(i).data()), 0);
    keys.insert(pool.space().key(pool.candidate(i).data()));
  }
  CHECK_EQUAL(keys.size(), size_t{2532});
}

TEST(pool_does_not_propose_what_equals_a_known_one) {
  SpaceProgram program = edge_cell_space(4, 5, Isomorphism::kComputation);
  const Space space(program);
  CandidatePool pool(space);
  // Nothing arrives anywhere: all that compute zero are one.
  pool.add_known(Genes{0, 0, 0, 0, 0, 0});
  CHECK_EQUAL(pool.add_uniform(20000, 1, 0), size_t{4929});
  const Genes zeros{0, 2, 0, 0, 0, 0};
  CHECK(space.key(zeros.data()) == space.key(Genes{0, 0, 0, 0, 0, 0}.data()));
  pool.add_known(zeros);
  CHECK_EQUAL(pool.known(), size_t{1});
}

/// Neither many copies of the best nor what is not valid must take the places of the next best.
TEST(scan_keeps_valid_architectures_and_equal_ones_once) {
  SpaceProgram program = matrix_space(5, 2, true);
  program.sections[0].max_edges = 5;
  const Space space(program);
  // Copies that the proxy takes for equal, and copies that it does not.
  for (uint64_t spread : {uint64_t{0}, uint64_t{1}}) {
    auto value = [&](int, std::span<const uint8_t> genes) {
      uint64_t own = spread;
      for (const uint8_t gene : genes) own *= 3 * gene + 7;
      return static_cast<float>(space.key(genes.data()).low % 100000) + static_cast<float>(own % 100000) / 10;
    };
    std::map<Key, float> best;  // of each class
    Genes genes(space.genes()), normal = genes;
    for (uint64_t number = 0; number < static_cast<uint64_t>(space.count()); ++number) {
      space.write_numbered(number, genes.data());
      if (space.check(genes.data()) != 0) continue;
      space.normalise(genes.data(), normal.data());
      const auto [entry, fresh] = best.emplace(space.key(genes.data()), value(0, normal));
      entry->second = std::max(entry->second, value(0, normal));
    }
    std::vector<float> wanted, given;
    for (const auto& [key, score] : best) wanted.push_back(score);
    std::ranges::sort(wanted, std::greater());
    wanted.resize(40);
    CandidatePool pool(space);
    TableBackend table(value);
    pool.begin_scan({.count = 1 << 20, .keep = 40, .seed = 1, .round = 0}, 1);
    while (pool.scan(table, 1, 1, 777) < 1) continue;
    while (pool.score(table, 1, 1, 777)) continue;
    for (size_t i : pool.pick(40, PickRule::kMean, 1, 0)) given.push_back(pool.mean(i));
    CHECK(given == wanted);
  }
}

TEST(pool_tells_what_became_of_each_proposal) {
  Random random(171);
  int invalid = 0, known = 0, repeated = 0;
  for (int i = 0; i < 100; ++i) {
    const Space space(
        small_random_program({.least_nodes = 3, .most_nodes = 6, .isomorphism = Isomorphism::kGraph}, 20000, random));
    CandidatePool pool(space);
    constexpr int kLanes = 4, kDraws = 25;
    const size_t climbed =
        pool.add_climbed(random_relaxation(space.graph(), kLanes, random), 2, {.draws = kDraws, .seed = 1});
    const Tally first = pool.tally();
    CHECK_EQUAL(first.added + first.repeated + first.invalid, size_t{kLanes * kDraws});
    CHECK(first.added == climbed && pool.size() == climbed && first.outside == 0 && first.known == 0);
    for (size_t c = 0; c < pool.size(); ++c) CHECK_EQUAL(space.check(pool.candidate(c).data()), 0);
    if (climbed == 0) continue;
    const Genes centre(pool.candidate(0).begin(), pool.candidate(0).end());
    size_t proposed = 0;
    space.for_neighbours(centre.data(), [&](const uint8_t*) { ++proposed; });
    // What was asked is told apart from what is a candidate; of something that is both, the former counts.
    pool.add_known(centre);
    if (pool.size() > 1) pool.add_known(pool.candidate(1));
    const size_t near = pool.add_neighbours(centre);
    const Tally second = pool.tally();
    CHECK_EQUAL(second.added - first.added, near);
    CHECK_EQUAL(second.added + second.known + second.repeated - first.added - first.repeated, proposed);
    CHECK_EQUAL(second.invalid, first.invalid);
    invalid += static_cast<int>(first.invalid), known += static_cast<int>(second.known);
    repeated += static_cast<int>(second.repeated);
    pool.clear();
    const Tally none = pool.tally();
    CHECK(none.added == 0 && none.known == 0 && none.repeated == 0 && none.invalid == 0 && none.outside == 0);
  }
  CHECK(invalid > 100 && known > 20 && repeated > 100);
}

TEST(pool_draws_valid_architectures_uniformly) {
  const SpaceProgram program = counted(chain_program(3, 4).graph(), 2);
  std::map<Genes, int, GenesOrder> seen;
  CandidatePool pool{Space(program)};
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    pool.clear();
    CHECK_EQUAL(pool.add_uniform(1, seed, 0), size_t{1});
    ++seen[Genes(pool.candidate(0).begin(), pool.candidate(0).end())];
  }
  std::vector<int> counts;
  for (const auto& [genes, count] : seen) counts.push_back(count);
  CHECK_EQUAL(counts.size(), size_t{27 + 3 * 9});
  CHECK(plausible(chi_square(counts), counts.size() - 1));
}

TEST(pool_ends_where_constraints_leave_little_or_nothing) {
  // Small enough to enumerate: chance finds few of the 2^17, the enumeration the rest.
  SpaceProgram rare = counted(chain_program(17, 2).graph(), 17);
  CandidatePool pool{Space(rare)};
  CHECK_EQUAL(pool.add_uniform(5, 1, 0), size_t{1});
  CHECK_EQUAL(pool.candidate(0)[16], uint8_t{1});
  rare.counts[0].min = 18;
  CandidatePool none{Space(rare)};
  CHECK_EQUAL(none.add_uniform(5, 1, 0), size_t{0});
  // Too large for that: bounded, and the tally says why.
  CandidatePool large{Space(counted(chain_program(60, 5).graph(), 61))};
  const auto start = std::chrono::steady_clock::now();
  CHECK_EQUAL(large.add_uniform(5, 1, 0), size_t{0});
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  CHECK(seconds.count() < 20);  // of a sanitized build
  CHECK(large.tally().invalid >= 50000 && large.tally().invalid < 1000000);
  CHECK(large.tally().known == 0 && large.tally().outside == 0);
}

TEST(pool_scores_architectures_as_they_are_after_pruning) {
  const Space space(matrix_space(5, 2, true));
  CandidatePool pool(space);
  pool.add_uniform(300, 1, 0);
  size_t pruned = 0;
  TableBackend table([&](int, std::span<const uint8_t> genes) {
    Genes normal(genes.size());
    space.normalise(genes.data(), normal.data());
    CHECK(std::ranges::equal(normal, genes));
    pruned += genes[0] == 2;
    return 0.0f;
  });
  while (pool.score(table, 1, 1, 77)) continue;
  CHECK_EQUAL(table.scored, pool.size());
  CHECK(pruned > 3);
  pool.begin_scan({.count = 500, .keep = 3, .seed = 1, .round = 0}, 1);
  while (pool.scan(table, 1, 1, 100) < 1) continue;
}

TEST(climbed_draws_of_distinct_genes_differ) {
  // Both slots all but insist on the same input, and on that so hard that no other has any weight left.
  SpaceProgram program;
  GraphProgram& p = program.graph;
  p.nodes = 5, p.features = 1;
  for (int slot = 0; slot < 3; ++slot) {
    Gene gene;
    gene.choices = 4;
    gene.distinct = slot - 1;
    p.genes.push_back(gene);
  }
  const Space space(program);
  for (float strength : {0.0f, 5.0f, 50.0f, 5000.0f}) {
    Relaxation logits;
    for (int slot = 0; slot < 3; ++slot) {
      for (float logit : {0.0f, strength, 0.0f, 2 * strength}) logits.alpha.push_back(logit);
    }
    for (double noise : {0.0, 0.1}) {
      const DistributionDraw draw(space, logits, 1, noise);
      Rng rng({1, Purpose::kDraw, 0, 0, 0});
      Genes genes(3);
      std::set<Genes, GenesOrder> seen;
      for (int i = 0; i < 500; ++i) {
        draw.draw(0, rng, genes.data());
        CHECK_EQUAL(space.check(genes.data()), 0);
        seen.insert(genes);
      }
      if (strength == 0) CHECK_EQUAL(seen.size(), size_t{24});
    }
  }
}

}  // namespace optiproxy::test
