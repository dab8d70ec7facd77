#include "kernel_shape.h"

#include <algorithm>
#include <cmath>

#include "cholesky.h"

namespace optiproxy {
namespace {

/// Keeps logarithms and deviations defined where all targets are 0.
constexpr double kLeastSquares = 1e-12;

}  // namespace

KernelShape KernelShape::of(const Views& views) {
  KernelShape shape;
  const size_t first = static_cast<size_t>(std::ranges::find(views, true) - views.begin());
  for (size_t view = 0; view < kViews; ++view) {
    if (views[view]) continue;
    shape.weights[first] += shape.weights[view];
    shape.weights[view] = 0;
  }
  return shape;
}

bool KernelShape::within(const Views& views) const {
  for (size_t view = 0; view < kViews; ++view) {
    if (weights[view] != 0 && !views[view]) return false;
  }
  return true;
}

std::vector<KernelShape> KernelShape::neighbours(bool mixed) const {
  std::vector<KernelShape> all;
  for (size_t from = 0; from < kViews; ++from) {
    for (size_t to = 0; to < kViews; ++to) {
      if (from == to || weights[from] == 0) continue;
      KernelShape moved = *this;
      --moved.weights[from];
      ++moved.weights[to];
      all.push_back(moved);
    }
  }
  const auto add_steps = [&](size_t KernelShape::*place, size_t count) {
    KernelShape moved = *this;
    if (this->*place > 0) {
      moved.*place = this->*place - 1;
      all.push_back(moved);
    }
    if (this->*place + 1 < count) {
      moved.*place = this->*place + 1;
      all.push_back(moved);
    }
  };
  add_steps(&KernelShape::scale, kScales.size());
  add_steps(&KernelShape::noise, kNoises.size());
  if (mixed) add_steps(&KernelShape::correlation, kCorrelations.size());
  return all;
}

Covariance KernelShape::covariance() const {
  Covariance covariance{.factors = {}, .offset = static_cast<float>(-1 / kScales[scale])};
  for (size_t view = 0; view < kViews; ++view)
    covariance.factors[view] = static_cast<float>(weights[view] / (kQuarters * kScales[scale]));
  return covariance;
}

Whitened whiten(const KernelShape& shape, const Evidence& evidence) {
  const std::span similarities = evidence.similarities;
  const std::span targets = evidence.targets;
  const size_t n = targets.size();
  const Covariance covariance = shape.covariance();
  Whitened white{
      .factor = std::vector<double>(n * n), .targets = {targets.begin(), targets.end()}, .squares = kLeastSquares};
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      const float own = covariance(&similarities[i * kViews * n + j], n);
      white.factor[i * n + j] = evidence.alike(i, j) ? own : own * shape.between_fidelities();
    }
    white.factor[i * n + i] += shape.noise_variance();
  }
  cholesky(white.factor, n);
  solve_lower(white.factor, n, white.targets);
  for (double target : white.targets) white.squares += target * target;
  return white;
}

double likelihood(const KernelShape& shape, const Evidence& evidence) {
  const size_t n = evidence.targets.size();
  const Whitened white = whiten(shape, evidence);
  double logs = 0;
  for (size_t i = 0; i < n; ++i) logs += std::log(white.factor[i * n + i]);
  return -0.5 * static_cast<double>(n) * std::log(white.squares) - logs;
}

KernelShape likeliest(KernelShape shape, const Evidence& evidence, const Views& views) {
  double best = likelihood(shape, evidence);
  for (bool better = true; better;) {
    better = false;
    for (const KernelShape& other : shape.neighbours(evidence.mixed())) {
      if (!other.within(views)) continue;
      const double value = likelihood(other, evidence);
      if (!(value > best)) continue;  // NaN is not likelier: no such step could ever end
      best = value;
      shape = other;
      better = true;
    }
  }
  return shape;
}

}  // namespace optiproxy
