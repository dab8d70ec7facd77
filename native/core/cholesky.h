// Cholesky factors of small matrices (n, n), row by row; only lower triangles are read or written.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "error.h"

namespace optiproxy {

/// Replaces a positive definite matrix by its factor L, L·Lᵀ being the matrix.
inline void cholesky(std::span<double> matrix, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    double* row = matrix.data() + i * n;
    for (size_t j = 0; j <= i; ++j) {
      const double* other = matrix.data() + j * n;
      double even = 0, odd = 0;  // two sums hide the latency of one
      size_t k = 0;
      for (; k + 2 <= j; k += 2) {
        even += row[k] * other[k];
        odd += row[k + 1] * other[k + 1];
      }
      if (k < j) even += row[k] * other[k];
      const double rest = row[j] - (even + odd);
      if (i != j) {
        row[j] = rest / other[j];
      } else {
        require(rest > 0, "cholesky: the matrix is not positive definite");
        row[j] = std::sqrt(rest);
      }
    }
  }
}

/// Replaces b (n) by the solution x of L·x = b.
inline void solve_lower(std::span<const double> lower, size_t n, std::span<double> b) {
  for (size_t i = 0; i < n; ++i) {
    double sum = b[i];
    for (size_t k = 0; k < i; ++k) sum -= lower[i * n + k] * b[k];
    b[i] = sum / lower[i * n + i];
  }
}

/// The inverse of L, lower triangular as well; zeros above.
inline std::vector<double> invert_lower(std::span<const double> lower, size_t n) {
  std::vector<double> inverse(n * n, 0.0);
  for (size_t i = 0; i < n; ++i) {
    double* row = inverse.data() + i * n;
    for (size_t k = 0; k < i; ++k) {
      const double factor = lower[i * n + k];
      const double* other = inverse.data() + k * n;
      for (size_t j = 0; j <= k; ++j) row[j] -= factor * other[j];
    }
    const double scale = 1 / lower[i * n + i];
    for (size_t j = 0; j < i; ++j) row[j] *= scale;
    row[i] = scale;
  }
  return inverse;
}

}  // namespace optiproxy
