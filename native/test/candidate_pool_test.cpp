// The candidates of one round: nothing known, nothing twice, nothing missing, chosen fairly.
#include "../core/candidate_pool.h"

#include <algorithm>
#include <map>
#include <set>

#include "../cpu/cpu_backend.h"
#include "support.h"
#include "test.h"

namespace optiproxy::test {
namespace {

Genes genes_of(const CandidatePool& pool, size_t index) {
  const auto c = pool.candidate(index);
  return {c.begin(), c.end()};
}

std::set<Genes, GenesOrder> distinct(const CandidatePool& pool) {
  std::set<Genes, GenesOrder> all;
  for (size_t i = 0; i < pool.size(); ++i) all.insert(genes_of(pool, i));
  return all;
}

/// Logits that all but decide for one architecture in each of `lanes`.
Relaxation decided(const SimpleProgram& program, const Genes& genes, size_t lanes) {
  Relaxation r;
  const auto v = static_cast<size_t>(program.variables()), k = static_cast<size_t>(program.choices);
  for (size_t lane = 0; lane < lanes; ++lane) {
    for (size_t i = 0; i < v * k; ++i) r.alpha.push_back(genes[i / k] == i % k ? 50.0f : 0.0f);
    for (size_t i = v; i < genes.size(); ++i) r.beta.push_back(genes[i] == 1 ? 50.0f : -50.0f);
  }
  return r;
}

}  // namespace

TEST(pool_never_proposes_what_is_known_or_present) {
  const SimpleProgram program = free_program(2, 3);
  CandidatePool pool(program);
  const Genes known = {0, 1, 1, 0, 1, /* */ 2, 2, 0, 0, 0};
  pool.add_known(known);
  pool.add_known(known);
  CHECK_EQUAL(pool.known(), size_t{2});
  Random random(3);
  const DrawPlan draws{.draws = 200, .seed = 1};
  const size_t drawn = pool.add_climbed(random_relaxation(program, 6, random), 2, draws);
  CHECK_EQUAL(pool.size(), drawn);
  const size_t near = pool.add_neighbours(known);
  CHECK_EQUAL(pool.size(), drawn + near);
  const size_t any = pool.add_uniform(1000, 5, 0);
  CHECK_EQUAL(drawn + near + any, size_t{70});  // all 72 but the known
  const std::set<Genes, GenesOrder> all = distinct(pool);
  CHECK_EQUAL(all.size(), pool.size());
  CHECK(!all.contains(Genes(known.begin(), known.begin() + 5)) && !all.contains(Genes(known.begin() + 5, known.end())));
  CHECK_EQUAL(pool.add_climbed(random_relaxation(program, 6, random), 2, draws), size_t{0});
  pool.clear();
  CHECK(pool.size() == 0 && pool.known() == 2);
  CHECK_EQUAL(pool.add_uniform(1000, 5, 0), size_t{70});
  CHECK_THROWS(pool.add_known(Genes{0, 3, 0, 0, 0}), "gene 1 of architecture 0");
  CHECK_THROWS(CandidatePool(Space(GraphProgram{})), "program.nodes");
}

TEST(pool_draws_from_the_climbed_distributions) {
  const SimpleProgram program = free_program(2, 3);
  const Genes favourite = {2, 1, 1, 0, 1};
  CandidatePool sure(program);
  CHECK_EQUAL(sure.add_climbed(decided(program, favourite, 4), 2, {.draws = 50, .seed = 1}), size_t{1});
  CHECK(genes_of(sure, 0) == favourite);
  // Much noise, or little sharpness, opens the distribution again.
  CandidatePool noisy(program), blunt(program);
  CHECK(noisy.add_climbed(decided(program, favourite, 4), 2, {.draws = 50, .noise = 10, .seed = 1}) > 1);
  CHECK(blunt.add_climbed(decided(program, favourite, 4), 2, {.draws = 50, .sharpness = 0.001, .seed = 1}) > 10);
  CandidatePool again(program);
  again.add_climbed(decided(program, favourite, 4), 2, {.draws = 50, .noise = 10, .seed = 1});
  CHECK(distinct(again) == distinct(noisy));
  CHECK_THROWS(sure.add_climbed(decided(program, favourite, 1), 1, {.draws = 1, .sharpness = 0}), "sharpness > 0");
  CHECK_THROWS(sure.add_climbed(decided(program, favourite, 1), 1, {.draws = -1}), "draws >= 0");

  // One draw each of many rounds: the shares are the softmax and the sigmoid.
  std::vector<int> ops(3, 0), edges(2, 0);
  const SimpleProgram small = free_program(1, 3);
  const Relaxation logits{{0.0f, std::log(2.0f), std::log(3.0f)}, {std::log(3.0f)}};
  constexpr int kRounds = 6000;
  for (uint32_t round = 0; round < kRounds; ++round) {
    CandidatePool pool(small);
    pool.add_climbed(logits, 1, {.draws = 1, .seed = 9, .round = round});
    ++ops[pool.candidate(0)[0]];
    ++edges[pool.candidate(0)[1]];
  }
  for (size_t c = 0; c < 3; ++c)
    CHECK_CLOSE(ops[c] / static_cast<double>(kRounds), (static_cast<double>(c) + 1) / 6, 0.03);
  CHECK_CLOSE(edges[1] / static_cast<double>(kRounds), 0.75, 0.03);
}

TEST(pool_neighbours_are_complete) {
  CandidatePool pool(free_program(2, 3));
  const Genes centre = {0, 1, 1, 0, 1};
  CHECK_EQUAL(pool.add_neighbours(centre), size_t{2 * 2 + 3});
  for (const Genes& found : distinct(pool)) {
    int changed = 0;
    for (size_t g = 0; g < centre.size(); ++g) changed += found[g] != centre[g];
    CHECK_EQUAL(changed, 1);
  }
  CHECK_EQUAL(pool.add_neighbours(centre), size_t{0});
}

TEST(pool_uniform_exhausts_a_small_space_and_ends) {
  const SimpleProgram program = free_program(2, 3);
  CandidatePool pool(program);
  CHECK_EQUAL(pool.add_uniform(10, 1, 0), size_t{10});
  CHECK_EQUAL(pool.add_uniform(1000, 2, 0), size_t{62});
  CHECK_EQUAL(distinct(pool).size(), size_t{72});
  CHECK_EQUAL(pool.add_uniform(1, 3, 0), size_t{0});
  CandidatePool done(program);
  done.add_known(all_architectures(program));
  CHECK_EQUAL(done.add_uniform(5, 1, 0), size_t{0});
  CHECK(done.pick(3, PickRule::kThompson, 1, 0).empty());
  // Too large to enumerate: fills the order by chance and stops there.
  CandidatePool large(chain_program(60, 5));
  CHECK_EQUAL(large.add_uniform(100, 1, 0), size_t{100});
}

TEST(pool_uniform_is_uniform) {
  const SimpleProgram program = chain_program(2, 4);
  std::vector<int> first(16, 0), member(16, 0);
  CandidatePool pool(program);
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    pool.clear();
    pool.add_uniform(5, seed, 1);
    for (size_t i = 0; i < 5; ++i) {
      const size_t number = pool.candidate(i)[0] + 4u * pool.candidate(i)[1];
      ++member[number];
      if (i == 0) ++first[number];
    }
  }
  CHECK(plausible(chi_square(first), 15));
  CHECK(plausible(chi_square(member), 15));

  // With three of 4,096 left chance mostly misses, and the enumeration must be as fair.
  const SimpleProgram larger = chain_program(6, 4);
  Genes known = all_architectures(larger);
  std::map<Genes, int, GenesOrder> left;
  for (size_t number : {size_t{17}, size_t{2000}, size_t{4090}}) {
    const auto at = known.begin() + static_cast<std::ptrdiff_t>(number * 6);
    left[Genes(at, at + 6)] = 0;
  }
  Genes rest;
  for (size_t at = 0; at < known.size(); at += 6) {
    const Genes one(known.begin() + static_cast<std::ptrdiff_t>(at),
                    known.begin() + static_cast<std::ptrdiff_t>(at + 6));
    if (!left.contains(one)) rest.insert(rest.end(), one.begin(), one.end());
  }
  CandidatePool nearly(larger);
  nearly.add_known(rest);
  for (uint64_t seed = 0; seed < 300; ++seed) {
    nearly.clear();
    CHECK_EQUAL(nearly.add_uniform(1, seed, 0), size_t{1});
    ++left[genes_of(nearly, 0)];
  }
  CHECK_EQUAL(left.size(), size_t{3});
  std::vector<int> counts;
  for (const auto& [genes, count] : left) counts.push_back(count);
  CHECK(plausible(chi_square(counts), 2));
}

TEST(pool_scores_in_chunks_as_at_once) {
  const SimpleProgram program = free_program(3, 3);
  const ModelConfig model{program.features, 19, 2, 2};
  cpu::CpuBackend backend(model, 3, 2);
  std::vector<float> parameters;
  for (uint32_t m = 0; m < 3; ++m) {
    const std::vector<float> one = random_parameters(model, 5, m);
    parameters.insert(parameters.end(), one.begin(), one.end());
  }
  backend.set_parameters(parameters);
  CandidatePool whole(program), chunks(program);
  for (CandidatePool* pool : {&whole, &chunks}) pool->add_uniform(101, 1, 0);
  CHECK_THROWS(whole.pick(1, PickRule::kMean, 1, 0), "score the candidates first");
  CHECK_THROWS(whole.add_neighbours_of_best(1), "score the candidates first");
  CHECK(!whole.score(backend, 3, 2, 1000));
  int calls = 1;
  while (chunks.score(backend, 3, 2, 17)) ++calls;
  CHECK_EQUAL(calls, 6);
  const Numbers wanted = [&] {
    Numbers mean(101, 0.0);
    for (size_t m = 0; m < 3; ++m) {
      const GraphBatch batch = program.encode(whole.candidates());
      const Graphs graphs{.graphs = 101,
                          .nodes = program.nodes,
                          .features = program.features,
                          .adjacency = {},
                          .x = doubles(batch.x),
                          .sizes = batch.sizes};
      const size_t p = parameters.size() / 3;
      const Numbers y = reference_predict(model, doubles(std::span(parameters).subspan(m * p, p)), graphs,
                                          {doubles(batch.out), doubles(batch.back)});
      for (size_t i = 0; i < 101; ++i) mean[i] += y[i * 2] / 3;
    }
    return mean;
  }();
  std::vector<float> given;
  for (size_t i = 0; i < 101; ++i) {
    CHECK(whole.mean(i) == chunks.mean(i));
    given.push_back(whole.mean(i));
  }
  CHECK(relative_error(given, wanted) < 1e-5);
  CHECK_THROWS(whole.score(backend, 2, 2, 1), "number of members changed");
}

TEST(pool_takes_again_what_is_known_where_it_is_told_to) {
  const Space space = chain_program(4, 3);
  CandidatePool pool(space);
  const Genes known{1, 2, 0, 1}, other{0, 0, 0, 0};
  pool.add_known(known);
  CHECK_EQUAL(pool.add_given(known), size_t{0});
  CHECK_EQUAL(pool.add_given(known, true), size_t{1});
  CHECK_EQUAL(pool.add_given(known, true), size_t{0});  // a candidate already
  CHECK_EQUAL(pool.add_given(other, true), size_t{1});
  pool.clear();
  CHECK_EQUAL(pool.add_given(known), size_t{0});  // it stays known
}

}  // namespace optiproxy::test
