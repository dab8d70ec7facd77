// That the fibers find what a GPU would not say: a barrier that is missing, one that some threads miss, a write behind
// what a block shares.
#include "../cuda/dialect.h"
#include "support.h"
#include "test.h"

namespace optiproxy::test {
namespace {

using namespace cuda;

constexpr int kThreads = 96;

/// Runs a kernel in both orders; the order is forward afterwards.
template <typename Run>
void in_both_orders(Run run) {
  for (emulated::Order order : {emulated::Order::kReversed, emulated::Order::kForward}) {
    emulated::set_order(order);
    run();
  }
}

Grid grid(int shared) { return {{2, 1, 1}, kThreads, shared}; }

/// Each thread takes what the thread across the block has.
template <bool barrier>
OPTIPROXY_KERNEL mirror(float* out) {
  const int t = thread_in_block();
  shared<float>()[t] = static_cast<float>(t);
  if constexpr (barrier) sync_block();
  out[block_x() * kThreads + t] = shared<float>()[kThreads - 1 - t];
}

std::vector<float> mirrored(void (*kernel)(float*)) {
  std::vector<float> out(2 * kThreads);
  launch("mirror", grid(bytes_of_floats(kThreads)), {}, kernel, out.data());
  return out;
}

OPTIPROXY_KERNEL barrier_for_some() {
  if (thread_in_block() < kWarp) sync_block();
}

OPTIPROXY_KERNEL barriers_that_differ() {
  if (thread_in_block() < kWarp) {
    sync_block();
  } else {
    sync_block();
  }
}

OPTIPROXY_KERNEL shuffle_of_some(float* out) {
  if (thread_in_block() % 2 == 0) out[0] = shuffle_xor(1, 1);
}

OPTIPROXY_KERNEL write_behind(int at) {
  if (thread_in_block() == 5) shared<float>()[at] = 1;
}

OPTIPROXY_KERNEL sum_of_warp(float* out) {
  float value = static_cast<float>(thread_in_block());
  for (int bits = 1; bits < kWarp; bits *= 2) value += shuffle_xor(value, bits);
  out[thread_in_block()] = value;
}

}  // namespace

TEST(cuda_emulator_runs_threads_that_talk) {
  in_both_orders([] {
    const std::vector<float> out = mirrored(mirror<true>);
    for (int i = 0; i < 2 * kThreads; ++i) {
      CHECK_EQUAL(out[static_cast<size_t>(i)], static_cast<float>(kThreads - 1 - i % kThreads));
    }
    std::vector<float> sums(kThreads);
    launch("sum", {{1, 1, 1}, kThreads, 0}, {}, sum_of_warp, sums.data());
    // The numbers of a warp are 32 w to 32 w + 31.
    for (int t = 0; t < kThreads; ++t) {
      CHECK_EQUAL(sums[static_cast<size_t>(t)], static_cast<float>(496 + 1024 * (t / kWarp)));
    }
  });
}

TEST(cuda_emulator_finds_a_missing_barrier) {
  const std::vector<float> wanted = mirrored(mirror<true>);
  int found = 0;
  in_both_orders([&] { found += mirrored(mirror<false>) != wanted; });
  CHECK_EQUAL(found, 2);
}

TEST(cuda_emulator_finds_threads_that_part) {
  in_both_orders([] {
    CHECK_THROWS(launch("some", grid(0), {}, barrier_for_some), "kernel some: expected all threads at one barrier");
    CHECK_THROWS(launch("others", grid(0), {}, barriers_that_differ), "kernel others: expected all threads");
    float out = 0;
    CHECK_THROWS(launch("half", grid(0), {}, shuffle_of_some, &out), "kernel half: expected all threads");
  });
  // What was left behind does no harm.
  CHECK_EQUAL(mirrored(mirror<true>).front(), static_cast<float>(kThreads - 1));
}

TEST(cuda_emulator_finds_a_write_behind_what_a_block_shares) {
  launch("inside", grid(bytes_of_floats(8)), {}, write_behind, 7);
  CHECK_THROWS(launch("behind", grid(bytes_of_floats(8)), {}, write_behind, 8),
               "kernel behind: a block wrote behind the 32 bytes that it shares");
  for (const Grid& refused : {Grid{{0, 1, 1}, kThreads, 0}, Grid{{1, 65536, 1}, kThreads, 0},
                              Grid{{1, 1, 65536}, kThreads, 0}, Grid{{1, 1, 1}, kThreads, 48 * 1024 + 1}}) {
    CHECK_THROWS(launch("refused", refused, {}, write_behind, 0), "kernel refused: expected as many blocks");
  }
  CHECK_THROWS(launch("odd", {{1, 1, 1}, 33, 0}, {}, write_behind, 0), "kernel odd: expected whole warps");
}

}  // namespace optiproxy::test
