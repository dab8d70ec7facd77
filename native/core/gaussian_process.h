// A Gaussian process over architectures: the exact posterior given a few hundred measurements (Rasmussen & Williams
// 2006, chapter 2), with a kernel of their similarities (graph kernels for architectures: NAS-BOWL, Ru et al. 2021).
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "kernel_shape.h"
#include "similarity.h"

namespace optiproxy {

/// Architectures are normalised.
class GaussianProcess {
 public:
  /// `reference` (m, G): see Similarity.  `views`: what its kernel looks at, at least one.  The process refers to the
  /// space.
  GaussianProcess(const Space& space, std::span<const uint8_t> reference, const Views& views = kAllViews);

  /// Learns architectures (n, G) and finite targets (n), n >= 1, of mean 0 or about.  `tune`: chooses the kernel's
  /// shape anew, from the last one on, by at most kTuned of them.  `cheap` (n): 1 for what was measured at a low
  /// fidelity, else 0; empty if nothing was.
  void fit(std::span<const uint8_t> architectures, std::span<const float> targets, bool tune,
           std::span<const uint8_t> cheap = {});
  bool fitted() const { return !weights_.empty(); }
  /// Posterior means (m) and standard deviations (m) of the noise-free targets of architectures (m, G), in full.
  void predict(std::span<const uint8_t> architectures, std::span<float> means, std::span<float> deviations) const;

  /// Standard deviation of a measurement about the value that it measures, as of the last fit.
  double noise_deviation() const { return std::sqrt(noise_); }

  /// Of the last fit, or what was set since.
  const KernelShape& shape() const { return shape_; }
  /// Counts from the next fit on.
  void set_shape(const KernelShape& shape) { shape_ = shape; }

  /// Enough to choose a shape by: a likelihood costs the cube of the number.
  static constexpr size_t kTuned = 128;

 private:
  const Space& space_;
  Similarity similarity_;
  Views views_;
  KernelShape shape_;
  Covariance covariance_;         // of the last fit
  std::vector<float> inverse_;    // (n, width of a row) inverse of the covariance's Cholesky factor
  std::vector<float> weights_;    // (width of a row) inverse covariance times targets
  std::vector<float> relations_;  // (n) 1, or the correlation with a full measurement
  double variance_ = 1;           // of the process, from the data
  double noise_ = 0;              // variance of a measurement about the process
};

}  // namespace optiproxy
