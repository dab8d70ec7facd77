// The words that kernels are written in: CUDA under nvcc; elsewhere the same on host fibers (emulator.h), so that the
// logic of the very text that a GPU runs is tested where there is none.
//
// A kernel is a `OPTIPROXY_KERNEL` function of plain values and pointers, in blocks of one dimension.  It reads its
// place from `thread_in_block` and its like, and memory that its block shares, at a multiple of
// 16 bytes, from `shared`; all threads of a
// block reach every `sync_block`, all of a warp every `shuffle_xor`.
#pragma once

#include <cstdint>

#ifdef __CUDACC__

#include <cuda_runtime.h>

#include <string>
#include <type_traits>

#include "../core/error.h"
#include "profile.h"

#define OPTIPROXY_KERNEL __global__ void
#define OPTIPROXY_DEVICE __device__ __forceinline__

#else

#include <chrono>
#include <source_location>
#include <type_traits>

#include "emulator.h"
#include "profile.h"

#define OPTIPROXY_KERNEL void
#define OPTIPROXY_DEVICE inline

#endif

namespace optiproxy::cuda {

/// Threads of a warp.
constexpr int kWarp = 32;

/// How many threads run a kernel, and what each block of them shares.
struct Grid {
  int blocks[3];
  int threads;       // of a block, whole warps
  int shared_bytes;  // at least 0
};

/// Floats that are read and written at once.
struct alignas(16) Four {
  float v[4];
};

/// Bytes of `count` floats.
constexpr int bytes_of_floats(int count) { return count * static_cast<int>(sizeof(float)); }

#ifdef __CUDACC__

OPTIPROXY_DEVICE int thread_in_block() { return static_cast<int>(threadIdx.x); }
OPTIPROXY_DEVICE int block_x() { return static_cast<int>(blockIdx.x); }
OPTIPROXY_DEVICE int block_y() { return static_cast<int>(blockIdx.y); }
OPTIPROXY_DEVICE int block_z() { return static_cast<int>(blockIdx.z); }
OPTIPROXY_DEVICE void sync_block() { __syncthreads(); }
/// What the thread whose number in the warp differs in these bits has for `value`.
OPTIPROXY_DEVICE float shuffle_xor(float value, int bits) { return __shfl_xor_sync(0xffffffffu, value, bits); }
/// What was there before; any number of threads may add to the same place.
OPTIPROXY_DEVICE uint32_t atomic_add(uint32_t* at, uint32_t value) { return atomicAdd(at, value); }
template <typename T>
OPTIPROXY_DEVICE T* shared() {
  extern __shared__ __align__(16) unsigned char optiproxy_shared[];
  return reinterpret_cast<T*>(optiproxy_shared);
}

using DeviceStream = cudaStream_t;

/// Throws DEVICE_FAILED naming the kernel where CUDA refused something.
inline void check_launch(const char* name, cudaError_t error) {
  if (error == cudaSuccess) return;
  throw Error("DEVICE_FAILED", std::string("kernel ") + name + ": " + cudaGetErrorString(error));
}

/// Enters what a launch takes by the device's clock.
template <typename Launch>
void time_launch(const char* name, DeviceStream stream, Launch launch) {
  cudaEvent_t events[2];
  for (cudaEvent_t& event : events) check_launch(name, cudaEventCreate(&event));
  check_launch(name, cudaEventRecord(events[0], stream));
  launch();
  check_launch(name, cudaEventRecord(events[1], stream));
  check_launch(name, cudaEventSynchronize(events[1]));
  float milliseconds = 0;
  check_launch(name, cudaEventElapsedTime(&milliseconds, events[0], events[1]));
  for (cudaEvent_t event : events) cudaEventDestroy(event);
  LaunchTimes& times = (*profile())[name];
  ++times.launches;
  times.milliseconds += static_cast<double>(milliseconds);
}

/// Every launch goes through here.  Throws DEVICE_FAILED naming the kernel where CUDA refuses it.
template <typename... Parameters>
void launch(const char* name, const Grid& grid, DeviceStream stream, void (*kernel)(Parameters...),
            std::type_identity_t<Parameters>... arguments) {
  const dim3 blocks(static_cast<unsigned>(grid.blocks[0]), static_cast<unsigned>(grid.blocks[1]),
                    static_cast<unsigned>(grid.blocks[2]));
  const auto go = [&] {
    kernel<<<blocks, static_cast<unsigned>(grid.threads), static_cast<size_t>(grid.shared_bytes), stream>>>(
        arguments...);
    check_launch(name, cudaGetLastError());
  };
  if (profile() == nullptr) return go();
  time_launch(name, stream, go);
}

#else

inline int thread_in_block() { return emulated::place().thread; }
inline int block_x() { return emulated::place().block[0]; }
inline int block_y() { return emulated::place().block[1]; }
inline int block_z() { return emulated::place().block[2]; }
inline void sync_block(std::source_location where = std::source_location::current()) {
  emulated::sync_block(where.line());
}
inline float shuffle_xor(float value, int bits, std::source_location where = std::source_location::current()) {
  return emulated::shuffle_xor(value, bits, where.line());
}
inline uint32_t atomic_add(uint32_t* at, uint32_t value) {
  const uint32_t before = *at;
  *at += value;
  return before;
}
template <typename T>
T* shared() {
  return static_cast<T*>(emulated::shared());
}

struct DeviceStream {};

template <typename... Parameters>
void launch(const char* name, const Grid& grid, DeviceStream, void (*kernel)(Parameters...),
            std::type_identity_t<Parameters>... arguments) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  emulated::run(name, grid.blocks, grid.threads, grid.shared_bytes, [&] { kernel(arguments...); });
  if (profile() == nullptr) return;
  LaunchTimes& times = (*profile())[name];
  ++times.launches;
  times.milliseconds += std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

#endif

}  // namespace optiproxy::cuda
