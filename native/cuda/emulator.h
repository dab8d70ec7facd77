// Blocks of a kernel on host fibers, one after the other in a single thread.  It proves logic, not speed: what threads
// of a block say to each other goes through barriers, and whoever forgets one, or lets some threads miss it, is found
// out by running them in another order, by counting who waits where, and by shared memory that holds NaN before it is
// written.
#pragma once

#include <cstdint>
#include <functional>

namespace optiproxy::cuda::emulated {

/// Which of the threads of a block goes first between two barriers.
enum class Order { kForward, kReversed };

/// Where the running thread is.
struct Place {
  int thread;
  int block[3];
};
const Place& place();

/// A barrier of all threads of the block, and one of the 32 of a warp; `line` tells barriers apart.
void sync_block(uint32_t line);
float shuffle_xor(float value, int bits, uint32_t line);
void* shared();

/// Runs `thread` for every thread of every block.  Throws INTERNAL naming the kernel where some threads miss a barrier
/// that others wait at, or a block writes behind the memory that it shares.
void run(const char* name, const int (&blocks)[3], int threads, int shared_bytes, const std::function<void()>& thread);

/// The order of all runs from now on, in this thread. @default kForward
void set_order(Order order);

}  // namespace optiproxy::cuda::emulated
