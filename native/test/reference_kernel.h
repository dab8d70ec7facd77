// What a Gaussian process over architectures is, in double precision, by strings, enumeration and plain loops.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "../core/kernel_shape.h"
#include "support.h"

namespace optiproxy::test {

/// Weisfeiler-Lehman labels (depths, N), spelt out; "" for nodes without features.
std::vector<std::string> reference_labels(const GraphProgram& program, const uint8_t* genes);

/// Flow (direction, discount, F): sums over every single walk.
Numbers reference_flow(const GraphProgram& program, const uint8_t* genes);

using Views = std::array<double, kViews>;

/// Similarities of all pairs of architectures (n, G) and (m, G): (n, m).  `reference` (k, G) stands for the space.
std::vector<Views> reference_similarities(const GraphProgram& program, const Genes& reference, const Genes& some,
                                          const Genes& others);

/// k of pairs with these similarities.
Numbers reference_covariances(const KernelShape& shape, const std::vector<Views>& similarities);

/// The inverse of a matrix (n, n) by Gauss and Jordan, and the logarithm of its determinant, which must be positive.
struct Inverse {
  Numbers matrix;
  double log_determinant = 0;
};
Inverse reference_inverse(Numbers matrix, size_t n);

/// xᵀ·matrix·y, (n, n).
double reference_form(const Numbers& matrix, const double* x, const double* y, size_t n);

}  // namespace optiproxy::test
