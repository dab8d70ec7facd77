// Marks inline functions that a GPU's kernels may call as well as the host.
#pragma once

#if defined(__CUDACC__)
#define OPTIPROXY_HOST_DEVICE __host__ __device__ inline
#else
#define OPTIPROXY_HOST_DEVICE inline
#endif
