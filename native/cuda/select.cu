// The greatest of many ranks: a radix search for the least of them, digit by digit from the highest, then all above it.
#include <algorithm>

#include "candidates.h"

namespace optiproxy::cuda {
namespace {

constexpr int kThreads = kDigits;
constexpr int kBits = 8;  // of a digit
/// Of a list: few enough that each counts many ranks before it adds to what all have counted.
constexpr int kMostBlocks = 64;

/// Calls `visit` with the ranks of the block's list that are between the bounds.
template <typename Visit>
OPTIPROXY_DEVICE void for_ranks(const Select& p, int blocks, Visit visit) {
  const int list = block_y(), stride = kThreads * blocks;
  const Rank *ranks = p.ranks + list * p.stride, above = p.above[list], below = p.below[list];
  for (int i = block_x() * kThreads + thread_in_block(); i < p.count; i += stride) {
    if (above < ranks[i] && ranks[i] < below) visit(ranks[i]);
  }
}

/// How many ranks that begin like the cutoff have each value of the digit at `shift`.
OPTIPROXY_KERNEL histogram_kernel(Select p, int blocks, int shift) {
  uint32_t* own = shared<uint32_t>();
  const int t = thread_in_block(), above = shift + kBits;
  own[t] = 0;
  sync_block();
  const Rank prefix = p.cutoff[block_y()].rank;
  for_ranks(p, blocks, [&](Rank rank) {
    if (above == 64 || rank >> above == prefix >> above) atomic_add(own + (rank >> shift & (kDigits - 1)), 1);
  });
  sync_block();
  if (own[t] != 0) atomic_add(p.histogram + block_y() * kDigits + t, own[t]);
}

/// The cutoff's digit at `shift`: where the count from the greatest down reaches what is left to be found.  Where there
/// are fewer, 0: all of them.
OPTIPROXY_KERNEL digit_kernel(Select p, int shift) {
  uint32_t* counts = shared<uint32_t>();
  const int t = thread_in_block();
  counts[t] = p.histogram[block_x() * kDigits + t];
  p.histogram[block_x() * kDigits + t] = 0;
  sync_block();
  if (t > 0) return;
  Cutoff cutoff = p.cutoff[block_x()];
  int digit = kDigits - 1;
  for (; digit > 0 && counts[digit] < cutoff.left; --digit) cutoff.left -= counts[digit];
  cutoff.rank |= static_cast<Rank>(digit) << shift;
  p.cutoff[block_x()] = cutoff;
}

OPTIPROXY_KERNEL take_kernel(Select p, int blocks) {
  const Rank cutoff = p.cutoff[block_y()].rank;
  for_ranks(p, blocks, [&](Rank rank) {
    if (rank < cutoff) return;
    const uint32_t to = atomic_add(p.found + block_y(), 1);
    if (to < p.most) p.best[block_y() * int64_t{p.most} + to] = rank;
  });
}

}  // namespace

void select(const Select& p, DeviceStream stream) {
  const int blocks = std::min((p.count + kThreads - 1) / kThreads, kMostBlocks);
  const int bytes = kDigits * static_cast<int>(sizeof(uint32_t));
  for (int shift = 64 - kBits; shift >= 0; shift -= kBits) {
    launch("histogram", {{blocks, p.lists, 1}, kThreads, bytes}, stream, histogram_kernel, p, blocks, shift);
    launch("digit", {{p.lists, 1, 1}, kThreads, bytes}, stream, digit_kernel, p, shift);
  }
  launch("take", {{blocks, p.lists, 1}, kThreads, 0}, stream, take_kernel, p, blocks);
}

}  // namespace optiproxy::cuda
