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

/// Which views a kernel may look at.
using Views = std::array<bool, kViews>;
inline constexpr Views kAllViews{true, true, true};

/// What a process learns from: n measurements, some of which may be cheap ones, of a low fidelity.
struct Evidence {
  std::span<const float> similarities;  // (n, kViews, n)
  std::span<const double> targets;      // (n)
  std::span<const uint8_t> cheap;       // (n) 1 where a measurement is cheap, else 0; empty if none is

  bool mixed() const { return !cheap.empty(); }
  bool alike(size_t i, size_t j) const { return cheap.empty() || cheap[i] == cheap[j]; }
};

/// A point of a grid: k(a, b) = exp((s(a, b) - 1) / scale), s being the similarities' mean with these weights, and
/// noise beside it.  In units of the variance that the targets have.  Between a cheap measurement and a full one k is
/// times `correlation` (intrinsic coregionalisation, Bonilla et al. 2007).
struct KernelShape {
  std::array<int, kViews> weights{1, 1, 2};  // in quarters; 4 in all
  size_t scale = 2;
  size_t noise = 1;
  size_t correlation = 3;

  static constexpr int kQuarters = 4;
  static constexpr std::array kScales{0.1, 0.2, 0.4, 0.8, 1.6};
  static constexpr std::array kNoises{0.01, 0.05, 0.2};
  static constexpr std::array kCorrelations{0.0, 0.3, 0.5, 0.7, 0.85, 0.95};

  /// The middle of the grid, as far as a kernel has these views, of which there is at least one.
  static KernelShape of(const Views& views);

  bool operator==(const KernelShape&) const = default;
  /// Whether it looks at no other view than these.
  bool within(const Views& views) const;
  /// Shapes one step away on the grid: a quarter of weight moved, the next scale or noise, or, where measurements are
  /// `mixed`, the next correlation.
  std::vector<KernelShape> neighbours(bool mixed) const;
  Covariance covariance() const;
  double noise_variance() const { return kNoises[noise]; }
  float between_fidelities() const { return static_cast<float>(kCorrelations[correlation]); }
};

/// Measurements in units in which a shape takes them for independent.
struct Whitened {
  std::vector<double> factor;   // (n, n) L, L·Lᵀ being their covariance, noise included
  std::vector<double> targets;  // (n) L⁻¹ · targets
  double squares = 0;           // of these, in all; a little above 0 even where all targets are
};

Whitened whiten(const KernelShape& shape, const Evidence& evidence);

/// Log marginal likelihood of targets (n) with the variance that maximises it, but for a constant (Rasmussen & Williams
/// 2006, eq. 2.30).
double likelihood(const KernelShape& shape, const Evidence& evidence);

/// Climbs from a shape within these views to the first whose neighbours there are no likelier, always to the likeliest.
KernelShape likeliest(KernelShape shape, const Evidence& evidence, const Views& views = kAllViews);

}  // namespace optiproxy
