// Marks inline functions that a GPU's kernels may call as well as the host.
#pragma once

#include <bit>
#include <cstdint>

#if defined(__CUDACC__)
#define OPTIPROXY_HOST_DEVICE __host__ __device__ inline
#else
#define OPTIPROXY_HOST_DEVICE inline
#endif

namespace optiproxy {

/// Number of bits that are set.
OPTIPROXY_HOST_DEVICE int bit_count(uint64_t bits) {
#if defined(__CUDA_ARCH__)
  return __popcll(bits);
#else
  return std::popcount(bits);
#endif
}

/// a * b, rounded by itself: a compiler for a GPU would make one rounding of it and of a sum that it goes into.
OPTIPROXY_HOST_DEVICE double rounded_product(double a, double b) {
#if defined(__CUDA_ARCH__)
  return __dmul_rn(a, b);
#else
  return a * b;
#endif
}

}  // namespace optiproxy
