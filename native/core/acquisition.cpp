#include "acquisition.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "error.h"

namespace optiproxy {
namespace {

/// From here on the sums below lose too many digits, and their asymptotic expansions have enough.
constexpr double kFar = -25;

double log_density(double z) { return -0.5 * z * z - 0.5 * std::log(2 * std::numbers::pi); }

/// log P(x <= z) of x ~ N(0, 1).
double log_below(double z) {
  if (z < kFar) return log_density(z) - std::log(-z) + std::log1p(-1 / (z * z));
  return std::log(0.5 * std::erfc(-z / std::numbers::sqrt2));
}

/// The logarithm of an expected improvement on a level, of a number that may be known.
double log_gain(double mean, double deviation, double level) {
  return deviation > 0 ? log_expected_improvement(mean, deviation, level) : std::log(std::max(0.0, mean - level));
}

/// Distinct, ascending.
std::vector<double> sorted(std::vector<double> numbers) {
  std::ranges::sort(numbers);
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

}  // namespace

double log_expected_improvement(double mean, double deviation, double best) {
  const double z = (mean - best) / deviation;
  if (z < kFar) return std::log(deviation) + log_density(z) - 2 * std::log(-z) + std::log1p(-3 / (z * z));
  const double below = 0.5 * std::erfc(-z / std::numbers::sqrt2);
  return std::log(deviation) + std::log(std::exp(log_density(z)) + z * below);
}

double log_probability(double mean, double deviation, double low, double high) {
  if (deviation == 0) return low <= mean && mean <= high ? 0 : kNever;
  double a = (low - mean) / deviation, b = (high - mean) / deviation;
  if (a > 0) a = -std::exchange(b, -a);  // no digits are lost in the lower tail
  const double below = log_below(b);
  if (below <= kNever) return kNever;
  return std::max(kNever, below + std::log1p(-std::exp(log_below(a) - below)));
}

FrontImprovement::FrontImprovement(std::span<const float> points, std::span<const float> reference) {
  const size_t o = reference.size(), last = o - 1;
  require(o >= 1 && o <= kMostObjectives, "front: expected a reference of one to three objectives");
  require(points.size() % o == 0, "front: expected whole points");
  std::vector<std::span<const float>> better;
  for (size_t at = 0; at < points.size(); at += o) {
    const auto point = points.subspan(at, o);
    bool counts = true;
    for (size_t k = 0; k < o; ++k) counts = counts && point[k] > reference[k];
    if (counts) better.push_back(point);
  }
  const auto values = [&](size_t k) {
    std::vector<double> all{reference[k]};
    for (const auto& point : better) all.push_back(point[k]);
    return sorted(std::move(all));
  };
  size_t cells = 1;
  for (size_t k = 0; k < last; ++k) cells *= cuts_.emplace_back(values(k)).size();
  levels_ = values(last);
  for (size_t cell = 0; cell < cells; ++cell) {
    double reached = reference[last];
    for (const auto& point : better) {
      size_t rest = cell;
      bool covers = true;
      for (size_t k = last; k-- > 0; rest /= cuts_[k].size())
        covers = covers && point[k] > cuts_[k][rest % cuts_[k].size()];
      if (covers) reached = std::max(reached, static_cast<double>(point[last]));
    }
    reached_.push_back(static_cast<uint32_t>(std::ranges::lower_bound(levels_, reached) - levels_.begin()));
  }
}

std::vector<double> FrontImprovement::shares(std::span<const float> means, std::span<const float> deviations) const {
  std::vector<double> all{1};
  for (size_t k = 0; k < cuts_.size(); ++k) {
    const auto& cuts = cuts_[k];
    // What a slice is expected to be filled by: what goes beyond its beginning less what goes beyond its end.
    std::vector<double> beyond(cuts.size() + 1, 0.0);
    for (size_t i = 0; i < cuts.size(); ++i) beyond[i] = std::exp(log_gain(means[k], deviations[k], cuts[i]));
    std::vector<double> next;
    next.reserve(all.size() * cuts.size());
    for (const double share : all) {
      for (size_t i = 0; i < cuts.size(); ++i) next.push_back(share * std::max(0.0, beyond[i] - beyond[i + 1]));
    }
    all = std::move(next);
  }
  return all;
}

double FrontImprovement::log(std::span<const float> means, std::span<const float> deviations) const {
  const std::vector<double> all = shares(means, deviations);
  std::vector<double> gains(levels_.size(), 0.0);
  for (size_t cell = 0; cell < all.size(); ++cell) gains[reached_[cell]] += all[cell];
  double most = kNever;
  for (size_t i = 0; i < gains.size(); ++i) {
    gains[i] = gains[i] > 0 ? std::log(gains[i]) + log_gain(means.back(), deviations.back(), levels_[i]) : kNever;
    most = std::max(most, gains[i]);
  }
  if (most == kNever) return kNever;
  double sum = 0;
  for (const double gain : gains) sum += std::exp(gain - most);
  return most + std::log(sum);
}

}  // namespace optiproxy
