// How much a measurement promises, given what is believed of it: logarithms, so that no two candidates are alike only
// because neither is likely to be of use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace optiproxy {

/// The logarithm of what cannot be.
inline constexpr double kNever = -1e30;

/// log E[max(0, x - best)] of x ~ N(mean, deviation²), deviation > 0, finite however unlikely an improvement is.
double log_expected_improvement(double mean, double deviation, double best);

/// log P(low <= x <= high) of x ~ N(mean, deviation²), finite however unlikely that is; kNever where it is impossible.
double log_probability(double mean, double deviation, double low, double high);

/// The expected improvement of the hypervolume that a front dominates (Emmerich et al. 2006), of objectives that are
/// independent and normal, or known.  All are turned so that larger is better.
class FrontImprovement {
 public:
  static constexpr size_t kMostObjectives = 3;

  /// `points` (F, O), finite, F >= 0: those measured, dominated ones too.  `reference` (O), 1 <= O <= kMostObjectives:
  /// only what is better than that in all objectives counts.
  FrontImprovement(std::span<const float> points, std::span<const float> reference);

  size_t objectives() const { return cuts_.size() + 1; }
  /// Its log for means (O) and deviations (O), 0 of a known objective; kNever where nothing can be gained.
  double log(std::span<const float> means, std::span<const float> deviations) const;

 private:
  /// (cells) volume that the objectives but the last are expected to have in each cell.
  std::vector<double> shares(std::span<const float> means, std::span<const float> deviations) const;

  std::vector<std::vector<double>> cuts_;  // of each objective but the last, ascending: where its slices begin
  std::vector<double> levels_;             // of the last, distinct, ascending: what is reached already
  std::vector<uint32_t> reached_;          // (cells) place in levels_; the last slice index changes fastest
};

}  // namespace optiproxy
