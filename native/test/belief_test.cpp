// What is made of two beliefs.
#include "../core/belief.h"

#include <limits>

#include "../core/acquisition.h"
#include "../core/candidate_pool.h"
#include "random_program.h"
#include "table_backend.h"
#include "test.h"

namespace optiproxy::test {
namespace {

struct Predicted {
  std::vector<float> means, deviations;
};

/// A process that has measured a few architectures, and others that it has not.
struct Setting {
  Space space = chain_program(4, 3);
  Genes measured = drawn_architectures(space, 8, 1), asked = drawn_architectures(space, 9, 2);
  GaussianProcess process{space, measured};

  Setting() {
    Random random(241);
    process.fit(measured, random.normals(8), false);
  }

  Predicted of(CandidateScorer* ensemble, int members, int outputs, const BeliefPlan& plan) const {
    Predicted all{std::vector<float>(9, NAN), std::vector<float>(9, NAN)};
    Belief(process, ensemble, members, outputs, plan).predict(space.graph(), asked, all.means, all.deviations);
    return all;
  }
  Predicted alone() const { return of(nullptr, 0, 0, {}); }
  std::vector<float> scores(const BeliefPlan& plan) const {
    std::vector<float> all(9, NAN);
    Belief(process, nullptr, 0, 0, plan).score(space.graph(), asked, all);
    return all;
  }
};

/// What a member predicts of an architecture.
float prediction(int member, std::span<const uint8_t> genes) {
  return std::sin(static_cast<float>(3 * member + genes[0] - 2 * genes[1] + 5 * genes[2] + genes[3]));
}

/// Means and deviations of a mixture of the process and members, each normal.
void check_mixture(const Setting& setting, const Predicted& given, const std::vector<int>& members, double share) {
  const Predicted own = setting.alone();
  for (size_t i = 0; i < 9; ++i) {
    const auto genes = std::span(setting.asked).subspan(i * 4, 4);
    // Moments of the mixture: a member's prediction is a point, the process' a normal distribution.
    double mean = (1 - share) * own.means[i];
    double second = (1 - share) * (std::pow(own.means[i], 2) + std::pow(own.deviations[i], 2));
    for (int m : members) {
      mean += share * prediction(m, genes) / static_cast<double>(members.size());
      second += share * std::pow(prediction(m, genes), 2) / static_cast<double>(members.size());
    }
    CHECK_CLOSE(given.means[i], mean, 1e-6);
    CHECK_CLOSE(given.deviations[i], std::sqrt(second - mean * mean), 1e-6);
  }
}

}  // namespace

TEST(belief_scores_by_its_rule) {
  const Setting setting;
  const Predicted own = setting.alone();
  const auto bound = setting.scores({.rule = AcquisitionRule::kUpperBound, .beta = 1.5, .best = 9});
  const auto improvement = setting.scores({.rule = AcquisitionRule::kExpectedImprovement, .beta = 9, .best = 0.75});
  for (size_t i = 0; i < 9; ++i) {
    CHECK_CLOSE(bound[i], own.means[i] + 1.5 * own.deviations[i], 1e-6);
    CHECK_CLOSE(improvement[i], log_expected_improvement(own.means[i], own.deviations[i], 0.75), 1e-6);
  }
  CHECK(setting.scores({.beta = 0}) == own.means);
}

TEST(belief_mixes_by_mean_and_variance) {
  const Setting setting;
  for (int outputs : {1, 3}) {
    TableBackend ensemble(prediction, outputs);
    for (double share : {0.0, 0.3, 0.5, 1.0})
      check_mixture(setting, setting.of(&ensemble, 4, outputs, {.share = share}), {0, 1, 2, 3}, share);
  }
  TableBackend single(prediction);
  check_mixture(setting, setting.of(&single, 1, 1, {.share = 0.4}), {0}, 0.4);
}

TEST(belief_asks_no_ensemble_that_has_no_share) {
  const Setting setting;
  TableBackend ensemble(prediction);
  CHECK(setting.of(&ensemble, 4, 1, {.share = 0}).means == setting.alone().means);
  CHECK_EQUAL(ensemble.scored, size_t{0});
  CHECK_THROWS(setting.of(nullptr, 0, 0, {.share = 0.5}), "expected an ensemble");
}

TEST(belief_does_not_hear_diverged_members) {
  const Setting setting;
  for (float wrong : {NAN, INFINITY, -INFINITY}) {
    const auto diverged = [&](int last) {
      return TableBackend([=](int member, std::span<const uint8_t> genes) {
        return member <= last ? wrong : prediction(member, genes);
      });
    };
    TableBackend one = diverged(0), all = diverged(2);
    for (double share : {0.6, 1.0}) {
      check_mixture(setting, setting.of(&one, 3, 1, {.share = share}), {1, 2}, share);
      const Predicted alone = setting.alone(), given = setting.of(&all, 3, 1, {.share = share});
      CHECK(given.means == alone.means && given.deviations == alone.deviations);
    }
  }
}

TEST(pool_scored_by_a_belief) {
  const Space space(matrix_space(5, 2, true));
  const size_t g = space.genes();
  const Genes measured = drawn_architectures(space, 20, 1);
  GaussianProcess process(space, measured);
  Random random(242);
  process.fit(measured, random.normals(20), true);
  const BeliefPlan plan{.share = 0.4, .rule = AcquisitionRule::kExpectedImprovement, .best = 1};
  TableBackend ensemble(prediction);
  CandidatePool pool(space);
  pool.add_uniform(50, 3, 0);
  Belief belief(process, &ensemble, 3, 1, plan);
  while (pool.score(belief, 1, 1, 7)) continue;
  const std::vector<float> scores(pool.scores().begin(), pool.scores().end());
  for (size_t i = 0; i < pool.size(); ++i) {
    Genes normal(g);
    space.normalise(pool.candidate(i).data(), normal.data());
    float mean, deviation, score;
    belief.predict(space.graph(), normal, {&mean, 1}, {&deviation, 1});
    belief.score(space.graph(), normal, {&score, 1});
    CHECK_CLOSE(score, log_expected_improvement(mean, deviation, 1), 1e-5 * std::fabs(score));
    CHECK_EQUAL(scores[i], score);
  }
  const auto picked = pool.pick(1, PickRule::kMean, 1, 0);
  CHECK_EQUAL(scores[picked[0]], *std::ranges::max_element(scores));
}

TEST(pool_forgets_scores_and_nothing_else) {
  const Setting setting;
  CandidatePool pool(setting.space);
  pool.add_uniform(20, 1, 0);
  const Genes before(pool.candidates().begin(), pool.candidates().end());
  Belief belief(setting.process, nullptr, 0, 0, {});
  TableBackend ensemble(prediction);
  pool.score(belief, 1, 1, 100);
  const std::vector<float> scores(pool.scores().begin(), pool.scores().end());
  CHECK_THROWS(pool.score(ensemble, 2, 1, 100), "number of members changed");
  pool.forget_scores();
  CHECK_THROWS(pool.scores(), "score the candidates first");
  CHECK_THROWS(pool.pick(1, PickRule::kMean, 1, 0), "score the candidates first");
  CHECK(std::ranges::equal(pool.candidates(), before));
  CHECK(pool.score(ensemble, 2, 1, 5));  // others may be as many as they are
  pool.forget_scores();                  // of a part that was scored
  CHECK(!pool.score(belief, 1, 1, 100));
  CHECK(std::ranges::equal(pool.scores(), scores));
}

}  // namespace optiproxy::test
