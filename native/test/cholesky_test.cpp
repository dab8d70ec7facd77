// Factors of small matrices, held against products and an inverse by Gauss and Jordan.
#include "../core/cholesky.h"

#include "reference_kernel.h"
#include "test.h"

namespace optiproxy::test {
namespace {

/// A random positive definite matrix (n, n): M·Mᵀ and something on the diagonal.
Numbers random_matrix(size_t n, Random& random) {
  Numbers half(n * n), all(n * n, 0.0);
  for (double& v : half) v = random.normal();
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) {
      for (size_t k = 0; k < n; ++k) all[i * n + j] += half[i * n + k] * half[j * n + k];
    }
    all[i * n + i] += 0.5;
  }
  return all;
}

constexpr double kUnread = 1e300;

/// What stands above the diagonal must be read by none.
Numbers lower_of(Numbers matrix, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = i + 1; j < n; ++j) matrix[i * n + j] = kUnread;
  }
  return matrix;
}

}  // namespace

TEST(cholesky_factors_multiply_to_the_matrix) {
  Random random(201);
  for (size_t n : {1, 2, 3, 4, 5, 8, 17, 40}) {
    const Numbers matrix = random_matrix(n, random);
    Numbers lower = lower_of(matrix, n);
    cholesky(lower, n);
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j <= i; ++j) {
        double sum = 0;
        for (size_t k = 0; k <= j; ++k) sum += lower[i * n + k] * lower[j * n + k];
        CHECK_CLOSE(sum, matrix[i * n + j], 1e-11 * static_cast<double>(n));
      }
      CHECK(lower[i * n + i] > 0);
      for (size_t j = i + 1; j < n; ++j) CHECK_EQUAL(lower[i * n + j], kUnread);
    }
  }
}

TEST(cholesky_solves_and_inverts) {
  Random random(202);
  for (size_t n : {1, 2, 3, 7, 30}) {
    const Numbers matrix = random_matrix(n, random);
    Numbers lower = lower_of(matrix, n);
    cholesky(lower, n);
    Numbers wanted(n), b(n, 0.0);
    for (double& v : wanted) v = random.normal();
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j <= i; ++j) b[i] += lower[i * n + j] * wanted[j];
    }
    solve_lower(lower, n, b);
    for (size_t i = 0; i < n; ++i) CHECK_CLOSE(b[i], wanted[i], 1e-8);
    const Numbers inverse = invert_lower(lower, n);
    const Numbers whole = reference_inverse(matrix, n).matrix;
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j < n; ++j) {
        double sum = 0;
        for (size_t k = 0; k < n; ++k) sum += inverse[k * n + i] * inverse[k * n + j];
        CHECK_CLOSE(sum, whole[i * n + j], 1e-8);
        if (j > i) CHECK_EQUAL(inverse[i * n + j], 0.0);
      }
    }
  }
}

TEST(cholesky_refuses_what_is_not_positive_definite) {
  for (const Numbers& matrix : {Numbers{-1, 0, 0, 1}, Numbers{1, 2, 2, 1}, Numbers{1, 1, 1, 1}, Numbers{NAN, 0, 0, 1},
                                Numbers{1, 0, NAN, 1}, Numbers{0, 0, 0, 0}}) {
    Numbers lower = matrix;
    CHECK_THROWS(cholesky(lower, 2), "not positive definite");
  }
}

}  // namespace optiproxy::test
