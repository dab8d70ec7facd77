#include "gaussian_process.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "cholesky.h"
#include "error.h"

namespace optiproxy {
namespace {

/// Several sums at once, so that the compiler may use vectors without changing any order of addition.
float dot(const float* a, const float* b, size_t n) {
  constexpr size_t kLanes = 8;
  std::array<float, kLanes> sums{};
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  for (; i < n; ++i) sums[0] += a[i] * b[i];
  float sum = 0;
  for (float s : sums) sum += s;
  return sum;
}

/// An even choice of m of n: similarities (m, kViews, m) and targets (m).
struct Sample {
  std::vector<float> similarities;
  std::vector<double> targets;

  Sample(std::span<const float> all, std::span<const float> labels, size_t m) {
    const size_t n = labels.size();
    const auto at = [=](size_t i) { return i * n / m; };
    for (size_t i = 0; i < m; ++i) {
      targets.push_back(labels[at(i)]);
      for (size_t view = 0; view < kViews; ++view) {
        for (size_t j = 0; j < m; ++j) similarities.push_back(all[(at(i) * kViews + view) * n + at(j)]);
      }
    }
  }
};

}  // namespace

GaussianProcess::GaussianProcess(const Space& space, std::span<const uint8_t> reference)
    : space_(space), similarity_(space, reference) {}

void GaussianProcess::fit(std::span<const uint8_t> architectures, std::span<const float> targets, bool tune) {
  space_.graph().check_genes(architectures);
  const size_t g = space_.genes(), n = targets.size();
  require(n > 0 && architectures.size() == n * g,
          "gaussian process: expected a target for every architecture, at least one");
  similarity_.learn(architectures);
  std::vector<float> similarities(n * kViews * n);
  for (size_t i = 0; i < n; ++i)
    similarity_.compare(architectures.data() + i * g, std::span(similarities).subspan(i * kViews * n, kViews * n));
  if (tune) {
    const Sample sample(similarities, targets, std::min(n, kTuned));
    shape_ = likeliest(shape_, sample.similarities, sample.targets);
  }
  covariance_ = shape_.covariance();
  std::vector<double> factor(n * n), solved(targets.begin(), targets.end()), weights(n, 0.0);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j <= i; ++j) factor[i * n + j] = covariance_(&similarities[i * kViews * n + j], n);
    factor[i * n + i] += shape_.noise_variance();
  }
  cholesky(factor, n);
  solve_lower(factor, n, solved);
  const std::vector<double> inverse = invert_lower(factor, n);
  double squares = 0;
  for (size_t i = 0; i < n; ++i) {
    squares += solved[i] * solved[i];
    for (size_t j = 0; j <= i; ++j) weights[j] += inverse[i * n + j] * solved[i];
  }
  inverse_.assign(inverse.begin(), inverse.end());
  weights_.assign(weights.begin(), weights.end());
  variance_ = squares / static_cast<double>(n);
}

void GaussianProcess::predict(std::span<const uint8_t> architectures, std::span<float> means,
                              std::span<float> deviations) const {
  require(fitted(), "gaussian process: fit it first");
  const size_t g = space_.genes(), n = similarity_.size();
  std::vector<float> similarities(kViews * n), covariances(n);
  for (size_t a = 0; a < means.size(); ++a) {
    similarity_.compare(architectures.data() + a * g, similarities);
    for (size_t i = 0; i < n; ++i) covariances[i] = covariance_(&similarities[i], n);
    means[a] = dot(weights_.data(), covariances.data(), n);
    double explained = 0;
    for (size_t i = 0; i < n; ++i) {
      const float part = dot(inverse_.data() + i * n, covariances.data(), i + 1);
      explained += part * part;
    }
    // Rounding must not make a measured architecture surer than sure.
    deviations[a] = static_cast<float>(std::sqrt(variance_ * std::max(1e-6, 1 - explained)));
  }
}

}  // namespace optiproxy
