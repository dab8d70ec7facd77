// Random numbers in bulk, the same as the CPU's: each thread makes the four words of one Philox counter.
#include <math.h>

#include "../core/philox.h"
#include "../core/random.h"
#include "steps.h"

namespace optiproxy::cuda {
namespace {

constexpr int kThreads = 128;
/// Counters of a block of 128 elements.
constexpr int kCounters = 16;

int blocks_of(int64_t threads) { return static_cast<int>((threads + kThreads - 1) / kThreads); }

OPTIPROXY_KERNEL dropout_mask_kernel(DropoutMask p) {
  const int64_t counter = int64_t{block_x()} * kThreads + thread_in_block();
  const int64_t first = counter / kCounters * 128 + counter % kCounters;
  if (first >= p.count) return;
  uint32_t words[4] = {static_cast<uint32_t>(counter), now(p.clock).number, p.stream.counter[1],
                       p.stream.counter[2] | static_cast<uint32_t>(block_y()) << 16};
  philox4x32_10(words, p.stream.key[0], p.stream.key[1]);
  float* mask = p.mask + block_y() * p.count;
  for (int half = 0; half < 8; ++half) {
    const int64_t at = first + half * kCounters;
    const uint32_t number = words[half / 2] >> (half % 2 * 16) & 0xffff;
    if (at < p.count) mask[at] = number >= p.stream.threshold ? p.stream.scale : 0;
  }
}

/// -ln(-ln((word + 1/2) / 2^32)).  Near 1 the distance to 1 keeps the digits.
OPTIPROXY_DEVICE float gumbel_of(uint32_t word) {
  const bool low = word < 0x80000000u;
  const float share = (static_cast<float>(low ? word : ~word) + 0.5f) * 0x1p-32f;
  return -logf(low ? -logf(share) : -log1pf(-share));
}

OPTIPROXY_KERNEL gumbel_noise_kernel(GumbelNoise p) {
  const int counter = block_x() * kThreads + thread_in_block(), total = p.alpha + p.beta;
  if (counter * 4 >= total) return;
  const auto restart = static_cast<uint32_t>(block_y()), member = static_cast<uint32_t>(block_z());
  uint32_t words[4] = {static_cast<uint32_t>(counter), now(p.clock).number, p.round,
                       static_cast<uint32_t>(Purpose::kGumbel) | restart << 8 | member << 24};
  philox4x32_10(words, p.key[0], p.key[1]);
  const int64_t lane = int64_t{block_z()} * p.restarts + block_y();
  for (int i = 0; i < 4; ++i) {
    const int at = counter * 4 + i;
    if (at >= total) return;
    (at < p.alpha ? p.noise_alpha[lane * p.alpha + at] : p.noise_beta[lane * p.beta + at - p.alpha]) =
        gumbel_of(words[i]);
  }
}

}  // namespace

void dropout_mask(const DropoutMask& p, DeviceStream stream) {
  const int64_t counters = (p.count + 127) / 128 * kCounters;
  launch("dropout_mask", {{blocks_of(counters), p.members, 1}, kThreads, 0}, stream, dropout_mask_kernel, p);
}

void gumbel_noise(const GumbelNoise& p, DeviceStream stream) {
  const int counters = (p.alpha + p.beta + 3) / 4;
  launch("gumbel_noise", {{blocks_of(counters), p.restarts, p.members}, kThreads, 0}, stream, gumbel_noise_kernel, p);
}

}  // namespace optiproxy::cuda
