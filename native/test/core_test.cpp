// Random streams, starting points, schedules, plans and the parameter layout.
#include <algorithm>
#include <limits>
#include <numbers>
#include <numeric>
#include <set>

#include "../core/climb.h"
#include "../core/error.h"
#include "../core/random.h"
#include "support.h"
#include "test.h"

namespace optiproxy::test {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN(), kInfinity = std::numeric_limits<double>::infinity();

Rng rng_of(uint32_t lane) { return Rng({42, Purpose::kUniform, lane, 1, 2}); }

}  // namespace

TEST(rng_reads_its_stream_in_order) {
  const Stream stream{0x1122334455667788ull, Purpose::kDraw, 0xabcdef, 9, 10};
  CHECK(stream.words(3) == philox4x32_10({3, 10, 9, 0xabcdef06u}, {0x55667788u, 0x11223344u}));
  Rng rng(stream);
  for (uint32_t block = 0; block < 3; ++block) {
    for (uint32_t word : stream.words(block)) CHECK_EQUAL(rng.word(), word);
  }
}

TEST(rng_below_is_unbiased) {
  for (uint32_t bound : {1u, 2u, 3u, 7u, 100u}) {
    Rng rng = rng_of(bound);
    std::vector<int> counts(bound, 0);
    for (int i = 0; i < 20000; ++i) {
      const uint32_t value = rng.below(bound);
      CHECK(value < bound);
      if (value < bound) ++counts[value];
    }
    if (bound > 1) CHECK_CASE(plausible(chi_square(counts), bound - 1), "bound " + std::to_string(bound));
  }
  // With 3 * 2^30 a plain product or remainder gives some values twice the chance of others; thirds show it.
  Rng rng = rng_of(0);
  std::vector<int> thirds(3, 0), odd(2, 0);
  for (int i = 0; i < 30000; ++i) {
    const uint32_t value = rng.below(3u << 30);
    ++thirds[value >> 30];
    ++odd[value % 3 == 0];
  }
  CHECK(plausible(chi_square(thirds), 2));
  CHECK_CLOSE(odd[1] / 30000.0, 1.0 / 3, 5 * std::sqrt(2.0 / 9 / 30000));
}

TEST(rng_uniform_lies_strictly_between_0_and_1) {
  Rng rng = rng_of(0);
  std::vector<int> bins(20, 0);
  double total = 0;
  for (int i = 0; i < 40000; ++i) {
    const double u = rng.uniform();
    CHECK(u > 0 && u < 1);
    total += u;
    ++bins[static_cast<size_t>(u * 20)];
  }
  CHECK(plausible(chi_square(bins), 19));
  CHECK_CLOSE(total / 40000, 0.5, 5 * std::sqrt(1.0 / 12 / 40000));
}

/// Streams whose second and fourth words are the least and the greatest there are: their logarithms must be finite.
TEST(rng_uniform_survives_extreme_words) {
  const Stream least{1, Purpose::kUniform, 0, 0, 454342301}, greatest{1, Purpose::kUniform, 0, 0, 1085086439};
  CHECK_EQUAL(least.words(0)[1], 0u);
  CHECK_EQUAL(greatest.words(0)[3], 0xffffffffu);
  Rng low(least), high(greatest), low_gumbel(least), high_gumbel(greatest);
  double u = 0;
  for (int i = 0; i <= 1; ++i) u = low.uniform();
  CHECK_EQUAL(u, 0x1p-33);
  for (int i = 0; i <= 3; ++i) u = high.uniform();
  CHECK_EQUAL(u, 1 - 0x1p-33);
  for (int i = 0; i <= 3; ++i) CHECK(std::isfinite(gumbel(low_gumbel)) && std::isfinite(gumbel(high_gumbel)));
}

TEST(rng_gumbel_has_its_mean_and_variance) {
  Rng rng = rng_of(1);
  constexpr int kCount = 100000;
  double total = 0, squares = 0;
  for (int i = 0; i < kCount; ++i) {
    const double g = gumbel(rng);
    CHECK(std::isfinite(g));
    total += g;
    squares += g * g;
  }
  const double mean = total / kCount, variance = squares / kCount - mean * mean;
  CHECK_CLOSE(mean, std::numbers::egamma, 0.02);
  CHECK_CLOSE(variance, std::numbers::pi * std::numbers::pi / 6, 0.05);
}

TEST(rng_shuffle_makes_every_order_alike) {
  std::vector<int> counts(24, 0);
  for (uint32_t lane = 0; lane < 12000; ++lane) {
    std::vector<int> order = {0, 1, 2, 3};
    Rng rng = rng_of(lane);
    shuffle(order, rng);
    int rank = 0;
    for (size_t i = 0; i < 4; ++i) {
      int smaller = 0;
      for (size_t j = i + 1; j < 4; ++j) smaller += order[j] < order[i];
      rank = rank * (4 - static_cast<int>(i)) + smaller;
    }
    ++counts[static_cast<size_t>(rank)];
  }
  CHECK(plausible(chi_square(counts), 23));
}

TEST(streams_of_different_names_differ) {
  std::set<PhiloxWords> seen;
  int count = 0;
  for (uint64_t seed : {0ull, 1ull, 1ull << 32}) {
    for (Purpose purpose : {Purpose::kInitialise, Purpose::kDraw}) {
      for (uint32_t lane : {0u, 1u, 1u << 16}) {
        for (uint32_t round : {0u, 1u}) {
          for (uint32_t step : {0u, 1u}) {
            seen.insert(Stream{seed, purpose, lane, round, step}.words(0));
            ++count;
          }
        }
      }
    }
  }
  CHECK_EQUAL(static_cast<int>(seen.size()), count);
}

TEST(latin_hypercube_puts_one_start_in_each_stratum) {
  const SimpleProgram program = free_program(3, 4);
  const ClimbPlan plan{
      .restarts = 9, .steps = 1, .adamw = {}, .schedule = {}, .alpha_low = -1, .alpha_high = 2, .seed = 7};
  const Relaxation start = latin_hypercube_start(program, 2, plan);
  const size_t ops = 12, edges = program.free_edges.size();
  CHECK_EQUAL(start.alpha.size(), 2 * 9 * ops);
  CHECK_EQUAL(start.beta.size(), 2 * 9 * edges);
  std::set<std::vector<int>> orders;
  auto check = [&](const std::vector<float>& logits, size_t width) {
    for (size_t member = 0; member < 2; ++member) {
      for (size_t j = 0; j < width; ++j) {
        std::vector<int> strata;
        for (size_t r = 0; r < 9; ++r)
          strata.push_back(static_cast<int>(std::floor((logits[(member * 9 + r) * width + j] + 1) / 3 * 9)));
        orders.insert(strata);
        std::ranges::sort(strata);
        CHECK((strata == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8}));
      }
    }
  };
  check(start.alpha, ops);
  check(start.beta, edges);
  CHECK_EQUAL(orders.size(), 2 * (ops + edges));  // each logit's strata in an order of its own
  CHECK(latin_hypercube_start(program, 2, plan).alpha == start.alpha);
  ClimbPlan next = plan;
  next.round = 1;
  CHECK(latin_hypercube_start(program, 2, next).alpha != start.alpha);
  // More members do not move the first ones.
  const Relaxation more = latin_hypercube_start(program, 3, plan);
  CHECK(std::equal(start.alpha.begin(), start.alpha.end(), more.alpha.begin()));
}

TEST(schedules_and_temperature) {
  const Schedule constant, cosine{Decay::kCosine}, steps{Decay::kStep, 0.5, 10};
  CHECK_EQUAL(constant.factor(7, 9), 1.0);
  CHECK_EQUAL(cosine.factor(0, 8), 1.0);
  CHECK_CLOSE(cosine.factor(4, 8), 0.5, 1e-15);
  CHECK_CLOSE(cosine.factor(8, 8), 0, 1e-15);
  CHECK_EQUAL(steps.factor(9, 100), 1.0);
  CHECK_EQUAL(steps.factor(10, 100), 0.5);
  CHECK_EQUAL(steps.factor(29, 100), 0.25);
  const ClimbPlan plan{.restarts = 1, .steps = 5, .adamw = {}, .schedule = {}, .tau_start = 0.7, .tau_end = 0.2};
  const ClimbPlan one{.restarts = 1, .steps = 1, .adamw = {}, .schedule = {}, .tau_start = 0.7, .tau_end = 0.2};
  CHECK_CLOSE(plan.tau(0), 0.7, 1e-7);
  CHECK_CLOSE(plan.tau(2), 0.45, 1e-7);
  CHECK_CLOSE(plan.tau(4), 0.2, 1e-7);
  CHECK_CLOSE(one.tau(0), 0.7, 1e-7);
}

TEST(plans_out_of_range_are_refused) {
  const FitPlan fit{.epochs = 1, .batch = 1, .adamw = {}, .schedule = {}, .loss = {}};
  const ClimbPlan climb{.restarts = 1, .steps = 1, .adamw = {}, .schedule = {}};
  check_plan(fit);
  check_plan(climb);
  auto refuse_fit = [&](const char* name, auto change) {
    FitPlan plan = fit;
    change(plan);
    CHECK_THROWS(check_plan(plan), std::string(name) + ": expected");
  };
  auto refuse_climb = [&](const char* name, auto change) {
    ClimbPlan plan = climb;
    change(plan);
    CHECK_THROWS(check_plan(plan), std::string(name) + ": expected");
  };
  refuse_fit("epochs", [](FitPlan& p) { p.epochs = 0; });
  refuse_fit("batch", [](FitPlan& p) { p.batch = 65537; });
  refuse_fit("schedule.every", [](FitPlan& p) { p.schedule.every = 0; });
  refuse_climb("restarts", [](ClimbPlan& p) { p.restarts = 65536; });
  refuse_climb("steps", [](ClimbPlan& p) { p.steps = 0; });
  refuse_climb("alphaHigh", [](ClimbPlan& p) { p.alpha_low = 1, p.alpha_high = 0.5f; });
  for (double bad : {kNan, kInfinity, -1.0}) {
    const auto f = static_cast<float>(bad);
    refuse_fit("lr", [&](FitPlan& p) { p.adamw.lr = bad; });
    refuse_fit("beta1", [&](FitPlan& p) { p.adamw.beta1 = bad; });
    refuse_fit("beta2", [&](FitPlan& p) { p.adamw.beta2 = bad; });
    refuse_fit("epsilon", [&](FitPlan& p) { p.adamw.epsilon = bad; });
    refuse_fit("weightDecay", [&](FitPlan& p) { p.adamw.weight_decay = bad; });
    refuse_fit("schedule.gamma", [&](FitPlan& p) { p.schedule.gamma = bad; });
    refuse_fit("ranking", [&](FitPlan& p) { p.loss.ranking = f; });
    refuse_fit("margin", [&](FitPlan& p) { p.loss.margin = f; });
    refuse_fit("dropout", [&](FitPlan& p) { p.dropout = f; });
    refuse_climb("lr", [&](ClimbPlan& p) { p.adamw.lr = bad; });
    refuse_climb("tauStart", [&](ClimbPlan& p) { p.tau_start = bad; });
    refuse_climb("tauEnd", [&](ClimbPlan& p) { p.tau_end = bad; });
  }
  refuse_fit("dropout", [](FitPlan& p) { p.dropout = 1; });
  refuse_climb("alphaLow", [](ClimbPlan& p) { p.alpha_low = static_cast<float>(kNan); });
  refuse_climb("alphaHigh", [](ClimbPlan& p) { p.alpha_high = static_cast<float>(kNan); });
  try {
    check_plan(FitPlan{});
    CHECK(false);
  } catch (const Error& error) {
    CHECK_EQUAL(std::string(error.code()), std::string("INVALID_ARGUMENT"));
  }
}

TEST(parameter_layout_is_dense_and_initialised_within_bounds) {
  const ModelConfig model{5, 48, 2, 3};
  const ParameterLayout layout(model);
  size_t next = 0;
  for (const NamedView& view : layout.views()) {
    CHECK_EQUAL(view.offset, next);
    next += view.length;
  }
  CHECK_EQUAL(next, layout.size());
  CHECK_EQUAL(layout.size(), size_t{2 * 5 * 48 + 2 * 48 * 48 + 2 * (96 * 48 + 3 * 48) + 48 * 3});

  std::vector<float> p(layout.size()), again(layout.size()), other(layout.size());
  initialise_parameters(model, 1, 0, 0, p);
  initialise_parameters(model, 1, 0, 0, again);
  initialise_parameters(model, 1, 1, 0, other);
  CHECK(p == again);
  CHECK(p != other);
  for (const NamedView& view : layout.views()) {
    const auto values = part(p, view);
    const double high = *std::ranges::max_element(values), low = *std::ranges::min_element(values);
    const bool gain = view.name.find("gain") != std::string::npos,
               shift = view.name.find("norm.bias") != std::string::npos;
    const double bound = view.name == "conv0.weight_out" || view.name == "conv0.weight_in" ? std::sqrt(6.0 / 53)
                         : view.name.find("weight_") != std::string::npos                  ? std::sqrt(6.0 / 96)
                         : view.name.find("linear") != std::string::npos                   ? std::sqrt(1.0 / 96)
                                                                                           : std::sqrt(1.0 / 48);
    if (gain || shift) {
      CHECK(low == high && low == (gain ? 1 : 0));
    } else {
      CHECK_CASE(high <= bound && low >= -bound && high > 0.6 * bound && low < -0.6 * bound, view.name);
    }
  }
  CHECK_THROWS(initialise_parameters(model, 1, 0, 0, std::span(p).first(3)), "wrong length");
  CHECK_THROWS(ParameterLayout({0, 1, 1, 1}), "model.features: expected 1..4096, given 0");
  CHECK_THROWS(ParameterLayout({1, 1, 65, 1}), "model.layers: expected 1..64, given 65");
}

TEST(parameter_layout_of_an_mlp) {
  const ModelConfig model{5, 48, 2, 3, NetworkKind::kMlp, 4, {1, 6, 11}};
  const ParameterLayout layout(model);
  CHECK_EQUAL(layout.size(), size_t{(4 * 5 + 3) * 48 + 48 * 48 + 2 * 3 * 48 + 48 * 3});
  std::vector<float> p(layout.size());
  initialise_parameters(model, 1, 0, 0, p);
  for (const NamedView& view : layout.views()) {
    const auto values = part(p, view);
    const double high = *std::ranges::max_element(values);
    const double bound = std::sqrt(1.0 / (view.name == "layer0.weight" || view.name == "layer0.bias" ? 23 : 48));
    const bool norm = view.name.find("norm") != std::string::npos;
    CHECK_CASE(norm ? high == (view.name.ends_with("gain") ? 1 : 0) : high <= bound && high > 0.6 * bound, view.name);
  }
  CHECK_THROWS(ParameterLayout({5, 48, 2, 3, NetworkKind::kMlp}), "model.nodes: expected 1..256, given 0");
  CHECK_THROWS(ParameterLayout({5, 48, 2, 3, NetworkKind::kMlp, 2, {4}}), "model.freeEdges: expected 0..3, given 4");
}

TEST(parameter_layout_of_a_transformer) {
  const ModelConfig model{5, 46, 2, 3, NetworkKind::kTransformer, 4};
  const ParameterLayout layout(model);  // 46 is no multiple of the heads: attention has 48 columns
  const size_t block = 46 * 3 * 48 + 2 * 4 + 48 * 46 + 46 + 46 * 92 + 92 + 92 * 46 + 46 + 4 * 46;
  CHECK_EQUAL(layout.size(), 5 * 46 + 4 * 46 + 2 * block + 2 * 46 + 46 * 3);
}

}  // namespace optiproxy::test
