// Scans against scoring everything: of a whole small space, and of a random part of a larger one.
#include <set>

#include "../core/candidate_pool.h"
#include "../cpu/cpu_backend.h"
#include "table_backend.h"
#include "test.h"

namespace optiproxy::test {
namespace {

using Set = std::set<Genes, GenesOrder>;

/// Arbitrary predictions; `levels` of them, so that few make ties.
TableBackend::Value arbitrary(int levels) {
  return [levels](int member, std::span<const uint8_t> architecture) {
    uint64_t hash = 1469598103934665603u + static_cast<uint64_t>(member);
    for (const uint8_t gene : architecture) hash = (hash ^ gene) * 1099511628211u;
    return static_cast<float>((hash >> 24) % static_cast<uint64_t>(levels));
  };
}
constexpr int kDistinct = 1 << 24;

std::vector<Genes> listed(std::span<const uint8_t> all, size_t genes) {
  std::vector<Genes> list;
  for (size_t i = 0; i < all.size(); i += genes) {
    const auto one = all.subspan(i, genes);
    list.emplace_back(one.begin(), one.end());
  }
  return list;
}

std::vector<Genes> candidates_of(const CandidatePool& pool) { return listed(pool.candidates(), pool.space().genes()); }

Set distinct(const CandidatePool& pool) {
  const std::vector<Genes> all = candidates_of(pool);
  return {all.begin(), all.end()};
}

/// The `keep` best by each member, and by the sum; of equals those that stand first.
Set best_of(const std::vector<Genes>& all, size_t keep, int members, const TableBackend::Value& value) {
  Set best;
  for (int by = 0; by <= members; ++by) {
    std::vector<std::pair<float, const Genes*>> order;
    for (const Genes& one : all) {
      float score = 0;
      for (int m = 0; m < members; ++m) score += by == m || by == members ? value(m, one) : 0;
      order.emplace_back(score, &one);
    }
    std::ranges::stable_sort(order, [](const auto& a, const auto& b) { return a.first > b.first; });
    for (size_t i = 0; i < std::min(keep, order.size()); ++i) best.insert(*order[i].second);
  }
  return best;
}

/// Scans to the end, checking what each call returns; returns the number of calls.
size_t scan_all(CandidatePool& pool, Backend& backend, const ScanPlan& plan, int members, size_t limit,
                int outputs = 1) {
  pool.begin_scan(plan, members);
  double done = 0;
  size_t calls = 0;
  while (done < 1 && calls < 100000) {
    const double before = done;
    done = pool.scan(backend, members, outputs, limit);
    CHECK(done > before && done <= 1);
    ++calls;
  }
  CHECK_EQUAL(done, 1.0);
  return calls;
}

/// Everything that a random scan of this plan comes across: nothing is left out where as many are kept.
Set drawn(const SimpleProgram& program, ScanPlan plan) {
  CandidatePool pool(program);
  TableBackend table(arbitrary(kDistinct));
  plan.keep = plan.count;
  scan_all(pool, table, plan, 1, plan.count);
  return distinct(pool);
}

}  // namespace

TEST(scan_of_a_whole_space_keeps_the_best_unknown) {
  const SimpleProgram program = free_program(2, 3);
  const Genes all = all_architectures(program);
  const std::vector<Genes> list = listed(all, 5);
  for (const int members : {1, 3}) {
    for (const size_t known : {size_t{0}, size_t{20}, size_t{70}, size_t{72}}) {
      for (const size_t keep : {size_t{0}, size_t{1}, size_t{6}, size_t{1000}}) {
        for (const int levels : {1, 4, kDistinct}) {
          for (const int outputs : {1, 2}) {
            CandidatePool pool(program);
            TableBackend table(arbitrary(levels), outputs);
            pool.add_known(std::span(all).first(known * 5));
            scan_all(pool, table, {.count = 100, .keep = keep, .seed = 1}, members, 1000, outputs);
            const std::vector<Genes> unknown(list.begin() + static_cast<std::ptrdiff_t>(known), list.end());
            CHECK(distinct(pool) == best_of(unknown, keep, members, arbitrary(levels)));
            CHECK(pool.size() <= keep * (static_cast<size_t>(members) + 1));
            CHECK_EQUAL(table.scored, unknown.size());
            CHECK_EQUAL(pool.tally().scanned, unknown.size());
          }
        }
      }
    }
  }
}

TEST(scan_counts_a_diverged_member_as_the_worst) {
  const SimpleProgram program = chain_program(2, 4);
  // Member 0 has diverged where the first gene is not 2.
  const auto value = [](int m, std::span<const uint8_t> a) {
    return m == 0 && a[0] != 2 ? NAN : static_cast<float>(a[0] + a[1]);
  };
  TableBackend table(value);
  CandidatePool pool(program);
  scan_all(pool, table, {.count = 16, .keep = 4}, 2, 5);
  const Set found = distinct(pool);
  for (const Genes& wanted : {Genes{2, 0}, Genes{2, 1}, Genes{2, 2}, Genes{2, 3}, Genes{3, 3}}) {
    CHECK(found.contains(wanted));
  }
}

TEST(scan_goes_through_the_whole_space_where_that_is_no_more) {
  const SimpleProgram program = chain_program(3, 4);
  for (const uint64_t count : {uint64_t{64}, uint64_t{65}, uint64_t{UINT32_MAX}}) {
    CHECK_EQUAL(drawn(program, {.count = std::min(count, uint64_t{1000}), .seed = 3}).size(), size_t{64});
    CandidatePool pool(program);
    TableBackend table(arbitrary(kDistinct));
    CHECK_EQUAL(scan_all(pool, table, {.count = count, .keep = 64}, 1, 10), size_t{7});
    CHECK_EQUAL(table.scored, size_t{64});
    CHECK_EQUAL(pool.size(), size_t{64});
  }
  const size_t random = drawn(program, {.count = 63, .seed = 3}).size();  // by chance, so some come twice
  CHECK(random > 30 && random < 55);
}

TEST(scan_is_the_same_wherever_it_is_cut) {
  const SimpleProgram small = free_program(2, 3), large = chain_program(8, 5);
  for (const auto& [program, total] : {std::pair{small, 72}, std::pair{large, 500}}) {
    const ScanPlan plan{.count = 500, .keep = 5, .seed = 7, .round = 2};
    const auto known = static_cast<size_t>(program.genes());  // one architecture
    std::vector<Genes> wanted;
    for (const size_t limit : {size_t{1000}, size_t{1}, size_t{7}, size_t{64}, SIZE_MAX}) {
      CandidatePool pool(program);
      TableBackend table(arbitrary(50));
      pool.add_known(Genes(known, 1));
      const size_t calls = scan_all(pool, table, plan, 3, limit);
      const auto all = static_cast<size_t>(total);
      CHECK_EQUAL(calls, limit >= all ? 1 : (all + limit - 1) / limit);
      CHECK(table.most <= limit);
      if (wanted.empty()) wanted = candidates_of(pool);
      CHECK(candidates_of(pool) == wanted);
    }
    CHECK(wanted.size() >= 5 && wanted.size() <= 20);
  }
  // No limit at all, in the middle of a scan.
  CandidatePool pool(small);
  TableBackend table(arbitrary(kDistinct));
  pool.begin_scan({.count = 100, .keep = 3}, 1);
  CHECK_EQUAL(pool.scan(table, 1, 1, 18), 0.25);
  CHECK_EQUAL(pool.scan(table, 1, 1, SIZE_MAX), 1.0);
}

TEST(scan_of_a_larger_space_is_a_function_of_seed_and_round) {
  const SimpleProgram program = chain_program(8, 5);  // 390,625
  const ScanPlan plan{.count = 3000, .keep = 10, .seed = 5, .round = 1};
  const Set all = drawn(program, plan);
  CHECK(all.size() > 2950 && all.size() <= 3000);
  CHECK(drawn(program, plan) == all);
  for (const ScanPlan& other : {ScanPlan{.count = 3000, .seed = 6, .round = 1}, ScanPlan{.count = 3000, .seed = 5}}) {
    size_t common = 0;
    for (const Genes& one : drawn(program, other)) common += all.contains(one);
    CHECK(common < 100);
  }
  // More of the same stream.
  ScanPlan longer = plan;
  longer.count = 4000;
  const Set more = drawn(program, longer);
  CHECK(std::ranges::all_of(all, [&](const Genes& one) { return more.contains(one); }));

  // Every value of every gene alike.
  for (size_t g = 0; g < 8; ++g) {
    std::vector<int> counts(5, 0);
    for (const Genes& one : all) ++counts[one[g]];
    CHECK(plausible(chi_square(counts), 4));
  }

  // What is known is left out and changes nothing else; so with what is a candidate already.
  std::vector<Genes> list(all.begin(), all.end());
  for (const bool candidates : {false, true}) {
    CandidatePool pool(program);
    TableBackend table(arbitrary(kDistinct));
    std::vector<Genes> left;
    for (size_t i = 0; i < list.size(); ++i) {
      if (i % 3 == 0) {
        pool.add_known(list[i]);
      } else {
        left.push_back(list[i]);
      }
    }
    pool.add_known(Genes(8, 0));
    if (candidates) pool.add_uniform(100, 9, 9);
    Set wanted = best_of(left, 10, 3, arbitrary(kDistinct));
    for (const Genes& one : candidates_of(pool)) wanted.insert(one);
    scan_all(pool, table, plan, 3, 333);
    CHECK(distinct(pool) == wanted);
    CHECK_EQUAL(pool.size(), wanted.size());
  }
}

TEST(scan_keeps_few_of_many) {
  CandidatePool pool(chain_program(12, 5));
  TableBackend table(arbitrary(kDistinct));
  scan_all(pool, table, {.count = 100000, .keep = 4, .seed = 1}, 5, 1024);
  CHECK_EQUAL(table.scored, size_t{100000});
  CHECK_EQUAL(table.most, size_t{1024});
  CHECK(pool.size() >= 4 && pool.size() <= 4 * 6);
}

TEST(scan_refuses_what_makes_no_sense) {
  const SimpleProgram program = chain_program(2, 4);
  CandidatePool pool(program);
  TableBackend table(arbitrary(kDistinct));
  CHECK_THROWS(pool.scan(table, 1, 1, 10), "scan: nothing was begun");
  CHECK_THROWS(pool.begin_scan({.count = 0, .keep = 1}, 1), "expected 1..2^32-1 architectures");
  CHECK_THROWS(pool.begin_scan({.count = uint64_t{1} << 32, .keep = 1}, 1), "expected 1..2^32-1 architectures");
  CHECK_THROWS(pool.begin_scan({.count = 1, .keep = 1}, 0), "scan: expected a member");
  CHECK_THROWS(pool.scan(table, 1, 1, 10), "scan: nothing was begun");
  pool.begin_scan({.count = 16, .keep = 16}, 2);
  CHECK_THROWS(pool.scan(table, 1, 1, 10), "scan: the number of members changed");
  CHECK_THROWS(pool.scan(table, 3, 1, 10), "scan: the number of members changed");
  CHECK_THROWS(pool.begin_scan({.count = 0}, 2), "expected 1..2^32-1");  // leaves the one that is begun
  CHECK_EQUAL(pool.scan(table, 2, 1, 8), 0.5);
  CHECK_EQUAL(pool.size(), size_t{0});  // candidates only in the end
  CHECK_EQUAL(pool.scan(table, 2, 1, 8), 1.0);
  CHECK_EQUAL(pool.size(), size_t{16});
  CHECK_THROWS(pool.scan(table, 2, 1, 8), "scan: nothing was begun");
}

TEST(scan_begun_anew_forgets_the_one_before) {
  CandidatePool pool(chain_program(2, 4));
  TableBackend table([](int, std::span<const uint8_t> a) { return static_cast<float>(a[0] + 4 * a[1]); });
  TableBackend turned([](int, std::span<const uint8_t> a) { return -static_cast<float>(a[0] + 4 * a[1]); });
  pool.begin_scan({.count = 16, .keep = 2}, 1);
  pool.scan(table, 1, 1, 15);
  scan_all(pool, turned, {.count = 16, .keep = 2}, 1, 3);
  CHECK((candidates_of(pool) == std::vector<Genes>{{0, 0}, {1, 0}}));
}

TEST(scan_that_fails_goes_on_where_it_was) {
  CandidatePool pool(chain_program(2, 4));
  TableBackend table(arbitrary(kDistinct));
  pool.begin_scan({.count = 16, .keep = 16}, 1);
  CHECK_EQUAL(pool.scan(table, 1, 1, 4), 0.25);
  table.fails = true;
  CHECK_THROWS(pool.scan(table, 1, 1, 4), "no score");
  CHECK_EQUAL(pool.scan(table, 1, 1, 4), 0.5);
  CHECK_EQUAL(pool.scan(table, 1, 1, 100), 1.0);
  CHECK_EQUAL(pool.size(), size_t{16});
}

TEST(scan_picks_as_scoring_the_whole_space_does) {
  const SimpleProgram program = free_program(3, 2);  // 8 * 2^6
  const ModelConfig model{program.features, 12, 2, 2};
  cpu::CpuBackend backend(model, 3, 2);
  std::vector<float> parameters;
  for (uint32_t m = 0; m < 3; ++m) {
    const std::vector<float> one = random_parameters(model, 5, m);
    parameters.insert(parameters.end(), one.begin(), one.end());
  }
  backend.set_parameters(parameters);
  Random random(4);
  const Genes known = random_architectures(program, 40, random);
  CandidatePool scanned(program), whole(program);
  for (CandidatePool* pool : {&scanned, &whole}) pool->add_known(known);
  scan_all(scanned, backend, {.count = 512, .keep = 12}, 3, 100, 2);
  whole.add_uniform(512, 1, 0);
  CHECK_EQUAL(whole.size() + whole.known(), size_t{512});
  for (CandidatePool* pool : {&scanned, &whole}) CHECK(!pool->score(backend, 3, 2, 1000));
  for (const PickRule rule : {PickRule::kMean, PickRule::kThompson}) {
    for (uint32_t round = 0; round < 20; ++round) {
      for (const size_t count : {size_t{1}, size_t{5}, size_t{12}}) {
        const std::vector<size_t> a = scanned.pick(count, rule, 1, round), b = whole.pick(count, rule, 1, round);
        CHECK_EQUAL(a.size(), count);
        for (size_t i = 0; i < count; ++i) {
          CHECK(std::ranges::equal(scanned.candidate(a[i]), whole.candidate(b[i])));
          CHECK_EQUAL(scanned.mean(a[i]), whole.mean(b[i]));
        }
      }
    }
  }
}

}  // namespace optiproxy::test
