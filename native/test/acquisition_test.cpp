// What a candidate promises: formulas against integrals.
#include "../core/acquisition.h"

#include <algorithm>
#include <limits>
#include <numbers>
#include <utility>

#include "support.h"
#include "test.h"

namespace optiproxy::test {
namespace {

/// log E[max(0, x - best)] of x ~ N(0, 1): the density at `best` times the integral of t·exp(-t·best - t²/2), by
/// Simpson's rule.
double integrated_improvement(double best) {
  constexpr int kParts = 20000;
  const double end = best > 1 ? 60 / best : 12 - std::min(best, 0.0), h = end / kParts;
  double sum = 0;
  for (int i = 0; i <= kParts; ++i) {
    const double t = i * h, value = t * std::exp(-t * best - t * t / 2);
    sum += value * (i == 0 || i == kParts ? 1 : i % 2 == 1 ? 4 : 2);
  }
  return -best * best / 2 - 0.5 * std::log(2 * std::numbers::pi) + std::log(sum * h / 3);
}

/// Volume between points (n, O) and a reference, by slices along the last objective: the plain way.
double volume(std::vector<std::vector<float>> points, const std::vector<float>& reference) {
  const size_t last = reference.size() - 1;
  std::erase_if(points, [&](const auto& p) { return !(p[last] > reference[last]); });
  std::ranges::sort(points, [&](const auto& a, const auto& b) { return a[last] > b[last]; });
  if (points.empty()) return 0;
  if (last == 0) return double{points[0][0]} - reference[0];
  double sum = 0;
  const std::vector<float> below(reference.begin(), reference.end() - 1);
  std::vector<std::vector<float>> reached;
  for (size_t i = 0; i < points.size(); ++i) {
    reached.emplace_back(points[i].begin(), points[i].end() - 1);
    const double next = i + 1 < points.size() ? points[i + 1][last] : reference[last];
    std::vector<std::vector<float>> better;
    for (const auto& p : reached) {
      if (std::ranges::equal(p, below, [](float a, float b) { return a > b; })) better.push_back(p);
    }
    sum += (points[i][last] - next) * volume(better, below);
  }
  return sum;
}

/// The mean over a grid of quantiles of each normal objective: the integral, as near as the grid is fine.
double integrated_front(const std::vector<std::vector<float>>& points, const std::vector<float>& reference,
                        const std::vector<float>& means, const std::vector<float>& deviations, int parts) {
  const double before = volume(points, reference);
  const size_t o = reference.size();
  std::vector<int> at(o, 0);
  double sum = 0, weights = 0;
  for (;;) {
    std::vector<float> value(o);
    double weight = 1;
    for (size_t k = 0; k < o; ++k) {
      const double z = deviations[k] > 0 ? -6 + 12 * (at[k] + 0.5) / parts : 0;
      value[k] = static_cast<float>(means[k] + z * deviations[k]);
      weight *= std::exp(-z * z / 2);
    }
    auto more = points;
    more.push_back(value);
    sum += weight * (volume(more, reference) - before);
    weights += weight;
    size_t k = 0;
    while (k < o && (deviations[k] == 0 || ++at[k] == parts)) at[k++] = 0;
    if (k == o) return sum / weights;
  }
}

struct Case {
  std::vector<std::vector<float>> points;
  std::vector<float> reference, means, deviations;

  std::vector<float> flat() const {
    std::vector<float> all;
    for (const auto& point : points) all.insert(all.end(), point.begin(), point.end());
    return all;
  }
  double log() const { return FrontImprovement(flat(), reference).log(means, deviations); }
};

/// Points in no order, some dominated, some equal in a coordinate, some no better than the reference.
Case random_case(size_t objectives, size_t known, Random& random) {
  Case c;
  for (int i = 0; i < 6; ++i) {
    std::vector<float> point = random.normals(objectives);
    for (float& value : point) value = std::round(value * 4) / 4;
    c.points.push_back(point);
  }
  c.reference = std::vector<float>(objectives, -1.0f);
  c.means = random.normals(objectives);
  for (size_t k = 0; k < objectives; ++k) c.deviations.push_back(k < known ? 0 : 0.3f + 0.2f * static_cast<float>(k));
  return c;
}

}  // namespace

TEST(improvement_is_the_integral) {
  for (double best : {-30.0, -8.0, -2.0, -0.5, 0.0, 0.5, 1.0, 3.0, 8.0, 20.0, 24.9})
    CHECK_CLOSE(log_expected_improvement(0, 1, best), integrated_improvement(best), 1e-9);
  for (double best : {25.1, 30.0, 100.0, 1000.0})
    CHECK_CLOSE(log_expected_improvement(0, 1, best), integrated_improvement(best), 5e-5);
  for (double deviation : {1e-6, 0.1, 3.0, 1e6}) {
    // In units of the deviation.
    CHECK_CLOSE(log_expected_improvement(5 + 2 * deviation, deviation, 5 + 4 * deviation),
                integrated_improvement(2) + std::log(deviation), 1e-8);
  }
}

TEST(improvement_is_continuous_and_rises_with_mean_and_deviation) {
  CHECK_CLOSE(log_expected_improvement(-25 - 1e-9, 1, 0), log_expected_improvement(-25 + 1e-9, 1, 0), 5e-5);
  double before = -INFINITY;
  for (double mean = -60; mean < 5; mean += 0.01) {
    const double value = log_expected_improvement(mean, 1, 0);
    CHECK(std::isfinite(value) && value > before);
    before = value;
  }
  CHECK(log_expected_improvement(-1, 2, 0) > log_expected_improvement(-1, 1, 0));
  CHECK(std::isfinite(log_expected_improvement(-1e30, 1e-6, 1e30)));
  CHECK(std::isfinite(log_expected_improvement(1e30, 1e-6, -1e30)));
}

TEST(probability_is_the_integral) {
  const double inf = std::numeric_limits<double>::max();
  const auto integrated = [](double low, double high) {
    constexpr int kParts = 20000;
    const double h = (high - low) / kParts;
    double sum = 0;
    for (int i = 0; i < kParts; ++i) sum += std::exp(-std::pow(low + (i + 0.5) * h, 2) / 2);
    return std::log(sum * h / std::sqrt(2 * std::numbers::pi));
  };
  for (const auto& [low, high] :
       std::vector<std::pair<double, double>>{{-1, 2}, {-0.1, 0.1}, {3, 5}, {-7, -6}, {20, 21}})
    CHECK_CLOSE(log_probability(0, 1, low, high), integrated(low, high), 1e-6);
  for (double end : {-20.0, -3.0, 0.0, 1.5}) {
    CHECK_CLOSE(log_probability(0, 1, -inf, end), integrated(end - 15, end), 1e-4);
    CHECK_CLOSE(log_probability(0, 1, -end, inf), integrated(end - 15, end), 1e-4);
  }
  CHECK_CLOSE(log_probability(7, 2, 5, 8), integrated(-1, 0.5), 1e-6);
  CHECK_EQUAL(log_probability(1, 2, -inf, inf), 0.0);
}

TEST(probability_is_never_flat_and_finite) {
  const double inf = std::numeric_limits<double>::max();
  CHECK_CLOSE(log_probability(0, 1, -inf, -25 - 1e-9), log_probability(0, 1, -inf, -25 + 1e-9), 1e-4);
  double before = -INFINITY;
  for (double high = -1000; high < 5; high += 0.5) {
    const double value = log_probability(0, 1, -inf, high);
    CHECK(std::isfinite(value) && value > before);
    before = value;
  }
  CHECK_EQUAL(log_probability(3, 0, 3, 4), 0.0);
  CHECK_EQUAL(log_probability(3, 0, 4, 5), kNever);
  CHECK_EQUAL(log_probability(1e30, 1e-9, -1, 1), kNever);
  CHECK_EQUAL(log_probability(0, 1, 2, 2), kNever);
}

TEST(front_improvement_is_the_integral) {
  Random random(88);
  for (size_t objectives = 1; objectives <= 3; ++objectives) {
    for (size_t known = 0; known < objectives; ++known) {
      const size_t learnt = objectives - known;
      const int parts = learnt == 1 ? 4000 : learnt == 2 ? 150 : 40;
      const double near = learnt == 1 ? 2e-3 : 1e-2;
      for (int i = 0; i < 4; ++i) {
        const Case c = random_case(objectives, known, random);
        const double wanted = integrated_front(c.points, c.reference, c.means, c.deviations, parts);
        if (wanted > 1e-6) CHECK_CLOSE(std::exp(c.log()), wanted, near * wanted + 1e-5);
      }
    }
  }
}

TEST(front_improvement_of_one_objective_is_that_on_the_best) {
  const std::vector<float> points{1, 3, 2}, reference{-4}, mean{2.5f}, deviation{0.5f};
  CHECK_CLOSE(FrontImprovement(points, reference).log(mean, deviation), log_expected_improvement(2.5, 0.5, 3), 1e-12);
  CHECK_CLOSE(FrontImprovement({}, reference).log(mean, deviation), log_expected_improvement(2.5, 0.5, -4), 1e-12);
}

TEST(front_improvement_by_hand) {
  // Known first: what is 4 wide has nothing over 1 of it, 5 over 2, 3 over 1.
  const std::vector<float> points{3, 5, 4, 3, 1, 4, 9, -1}, reference{0, 0};
  const auto log = [&](float known, float mean, float deviation) {
    return FrontImprovement(points, reference).log(std::vector{known, mean}, std::vector{0.0f, deviation});
  };
  CHECK_CLOSE(std::exp(log(5, 7, 0)), 3 * 2 + 1 * 4 + 1 * 7, 1e-9);
  CHECK_CLOSE(std::exp(log(4, 4, 0)), 1 * 1, 1e-9);
  CHECK_EQUAL(log(3, 5, 0), kNever);
  CHECK_EQUAL(log(0, 99, 1), kNever);
  const double gain = std::exp(log_expected_improvement(4, 2, 5)) * 3 + std::exp(log_expected_improvement(4, 2, 3)) +
                      std::exp(log_expected_improvement(4, 2, 0)) * 2;
  CHECK_CLOSE(std::exp(log(6, 4, 2)), gain, 1e-9);
}

TEST(front_improvement_is_never_flat) {
  const std::vector<float> points{1, 0}, reference{0, -1};
  const FrontImprovement improvement(points, reference);
  double before = -INFINITY;
  for (float mean = -500; mean < 5; mean += 1) {
    const double value = improvement.log(std::vector{0.5f, mean}, std::vector{0.0f, 1.0f});
    CHECK(std::isfinite(value) && value > before);
    before = value;
  }
}

TEST(front_improvement_takes_one_to_three_objectives) {
  const std::vector<float> four(4, 0.0f);
  CHECK_THROWS(FrontImprovement({}, {}), "one to three objectives");
  CHECK_THROWS(FrontImprovement({}, four), "one to three objectives");
  CHECK_THROWS(FrontImprovement(std::span(four).first(3), std::span(four).first(2)), "whole points");
}

}  // namespace optiproxy::test
