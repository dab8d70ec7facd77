#include "gaussian_process.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "cholesky.h"
#include "error.h"

namespace optiproxy {
namespace {

/// Candidates that share a pass over the rows of the factor, and numbers that a pass takes at once.
constexpr size_t kBlock = 4, kLanes = 8;

/// The least multiple of kLanes from n on.
size_t padded(size_t n) { return (n + kLanes - 1) / kLanes * kLanes; }

/// Products of a row (n) with vectors (kBlock, width), n being a multiple of kLanes.  Many sums at once, so that the
/// compiler may use vectors, and one need not wait for another, without changing any order of addition.
std::array<float, kBlock> products(const float* row, const float* vectors, size_t width, size_t n) {
  std::array<std::array<float, kLanes>, kBlock> sums{};
  for (size_t i = 0; i < n; i += kLanes) {
    for (size_t v = 0; v < kBlock; ++v) {
      for (size_t lane = 0; lane < kLanes; ++lane) sums[v][lane] += row[i + lane] * vectors[v * width + i + lane];
    }
  }
  std::array<float, kBlock> all{};
  for (size_t v = 0; v < kBlock; ++v) {
    for (float sum : sums[v]) all[v] += sum;
  }
  return all;
}

/// An even choice of m of n measurements.
struct Sample {
  std::vector<float> similarities;
  std::vector<double> targets;
  std::vector<uint8_t> cheap;

  Sample(const Evidence& all, size_t m) {
    const size_t n = all.targets.size();
    const auto at = [=](size_t i) { return i * n / m; };
    for (size_t i = 0; i < m; ++i) {
      targets.push_back(all.targets[at(i)]);
      if (all.mixed()) cheap.push_back(all.cheap[at(i)]);
      for (size_t view = 0; view < kViews; ++view) {
        for (size_t j = 0; j < m; ++j) similarities.push_back(all.similarities[(at(i) * kViews + view) * n + at(j)]);
      }
    }
  }
  Evidence evidence() const { return {similarities, targets, cheap}; }
};

}  // namespace

GaussianProcess::GaussianProcess(const Space& space, std::span<const uint8_t> reference, const Views& views)
    : space_(space), similarity_(space, reference), views_(views), shape_(KernelShape::of(views)) {}

void GaussianProcess::fit(std::span<const uint8_t> architectures, std::span<const float> targets, bool tune,
                          std::span<const uint8_t> cheap) {
  space_.graph().check_genes(architectures);
  const size_t g = space_.genes(), n = targets.size(), width = padded(n);
  require(n > 0 && architectures.size() == n * g,
          "gaussian process: expected a target for every architecture, at least one");
  require(std::ranges::all_of(targets, [](float t) { return std::isfinite(t); }),
          "gaussian process: expected finite targets");
  require(cheap.empty() || cheap.size() == n, "gaussian process: expected a mark for every target, or none");
  require(std::ranges::all_of(cheap, [](uint8_t mark) { return mark <= 1; }),
          "gaussian process: expected marks of 0 or 1");
  weights_.clear();  // not fitted, if anything below throws
  similarity_.learn(architectures);
  std::vector<float> similarities(n * kViews * n);
  for (size_t i = 0; i < n; ++i)
    similarity_.compare(architectures.data() + i * g, std::span(similarities).subspan(i * kViews * n, kViews * n));
  const std::vector<double> exact(targets.begin(), targets.end());
  const Evidence evidence{similarities, exact, cheap};
  if (tune) shape_ = likeliest(shape_, Sample(evidence, std::min(n, kTuned)).evidence(), views_);
  const Whitened white = whiten(shape_, evidence);
  const std::vector<double> inverse = invert_lower(white.factor, n);
  std::vector<double> weights(width, 0.0);
  inverse_.assign(n * width, 0.0f);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      inverse_[i * width + j] = static_cast<float>(inverse[i * n + j]);
      weights[j] += inverse[i * n + j] * white.targets[i];
    }
  }
  covariance_ = shape_.covariance();
  variance_ = white.squares / static_cast<double>(n);
  noise_ = variance_ * shape_.noise_variance();
  relations_.assign(n, 1.0f);
  for (size_t i = 0; i < cheap.size(); ++i) {
    if (cheap[i] == 1) relations_[i] = shape_.between_fidelities();
  }
  weights_.assign(weights.begin(), weights.end());
}

void GaussianProcess::predict(std::span<const uint8_t> architectures, std::span<float> means,
                              std::span<float> deviations) const {
  require(fitted(), "gaussian process: fit it first");
  const size_t g = space_.genes(), n = similarity_.size(), width = weights_.size();
  std::vector<float> similarities(kViews * n), covariances(kBlock * width, 0.0f);
  for (size_t first = 0; first < means.size(); first += kBlock) {
    const size_t count = std::min(kBlock, means.size() - first);
    for (size_t b = 0; b < count; ++b) {
      similarity_.compare(architectures.data() + (first + b) * g, similarities);
      for (size_t i = 0; i < n; ++i) covariances[b * width + i] = relations_[i] * covariance_(&similarities[i], n);
    }
    const auto expected = products(weights_.data(), covariances.data(), width, width);
    std::array<double, kBlock> explained{};
    for (size_t i = 0; i < n; ++i) {
      const auto parts = products(inverse_.data() + i * width, covariances.data(), width, padded(i + 1));
      for (size_t b = 0; b < kBlock; ++b) explained[b] += parts[b] * parts[b];
    }
    for (size_t b = 0; b < count; ++b) {
      means[first + b] = expected[b];
      // Rounding must not make a measured architecture surer than sure.
      deviations[first + b] = static_cast<float>(std::sqrt(variance_ * std::max(1e-6, 1 - explained[b])));
    }
  }
}

}  // namespace optiproxy
