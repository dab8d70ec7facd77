// What a Gaussian process believes before it sees how targets go with architectures.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "similarity.h"

namespace optiproxy {

/// k of two architectures, worked out so far that a call is one exponential.
struct Covariance {
  std::array<float, kViews> factors{};
  float offset = 0;

  /// `similarities` are `stride` apart.
  float operator()(const float* similarities, size_t stride) const {
    float exponent = offset;
    for (size_t view = 0; view < kViews; ++view) exponent += factors[view] * similarities[view * stride];
    return std::exp(exponent);
  }
};

/// A point of a grid: k(a, b) = exp((s(a, b) - 1) / scale), s being the similarities' mean with these weights, and
/// noise beside it.  In units of the variance that the targets have.
struct KernelShape {
  std::array<int, kViews> weights{1, 1, 2};  // in quarters; 4 in all
  size_t scale = 2;
  size_t noise = 1;

  static constexpr int kQuarters = 4;
  static constexpr std::array kScales{0.1, 0.2, 0.4, 0.8, 1.6};
  static constexpr std::array kNoises{0.01, 0.05, 0.2};

  bool operator==(const KernelShape&) const = default;
  /// Shapes one step away on the grid: a quarter of weight moved, the next scale or noise.
  std::vector<KernelShape> neighbours() const;
  Covariance covariance() const;
  double noise_variance() const { return kNoises[noise]; }
};

/// Measurements in units in which a shape takes them for independent.
struct Whitened {
  std::vector<double> factor;   // (n, n) L, L·Lᵀ being their covariance, noise included
  std::vector<double> targets;  // (n) L⁻¹ · targets
  double squares = 0;           // of these, in all; a little above 0 even where all targets are
};

/// `similarities`: (n, kViews, n).
Whitened whiten(const KernelShape& shape, std::span<const float> similarities, std::span<const double> targets);

/// Log marginal likelihood of targets (n) with the variance that maximises it, but for a constant (Rasmussen & Williams
/// 2006, eq. 2.30).  `similarities`: (n, kViews, n).
double likelihood(const KernelShape& shape, std::span<const float> similarities, std::span<const double> targets);

/// Climbs from a shape to the first whose neighbours are no likelier, always to the likeliest neighbour.
KernelShape likeliest(KernelShape shape, std::span<const float> similarities, std::span<const double> targets);

}  // namespace optiproxy
