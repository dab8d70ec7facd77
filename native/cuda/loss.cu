// The loss of a minibatch: a block for each member and output.
#include "steps.h"

namespace optiproxy::cuda {
namespace {

constexpr int kThreads = 256;

/// The sum over the block, in an order that is always the same: every thread gets the same bits.
OPTIPROXY_DEVICE double block_sum(double value) {
  double* parts = shared<double>();
  const int t = thread_in_block();
  sync_block();  // the sum before is read
  parts[t] = value;
  for (int half = kThreads / 2; half > 0; half /= 2) {
    sync_block();
    if (t < half) parts[t] += parts[t + half];
  }
  sync_block();
  return parts[0];
}

OPTIPROXY_KERNEL loss_kernel(Loss p) {
  const int output = block_x(), member = block_y(), t = thread_in_block();
  const int64_t first = int64_t{member} * p.graphs * p.outputs + output;
  const auto at = [&](int i) { return first + int64_t{i} * p.outputs; };
  // NaN is greater than nothing, and nothing than NaN: a target that is missing is in no pair.
  const auto above = [&](int i, int j) { return p.target[at(i)] > p.target[at(j)]; };
  // In double, as on the CPU: of which side of the margin a pair is must not differ.
  const auto short_of = [&](int i, int j) {
    return p.config.margin - (double{p.prediction[at(i)]} - p.prediction[at(j)]);
  };
  double own_measured = 0, own_pairs = 0;
  for (int i = t; i < p.graphs; i += kThreads) {
    own_measured += p.target[at(i)] == p.target[at(i)] ? 1 : 0;
    int pairs = 0;
    for (int j = 0; p.config.ranking > 0 && j < p.graphs; ++j) pairs += above(i, j) ? 1 : 0;
    own_pairs += pairs;
  }
  const double measured = block_sum(own_measured), pairs = block_sum(own_pairs);
  const double weight = pairs > 0 ? p.config.ranking / pairs : 0;
  double total = 0;
  for (int i = t; i < p.graphs; i += kThreads) {
    const float target = p.target[at(i)];
    double slope = 0;
    if (target == target) {
      const double error = double{p.prediction[at(i)]} - target;
      total += error * error / measured;
      slope = 2 * error / measured;
    }
    if (weight > 0) {
      int balance = 0;
      for (int j = 0; j < p.graphs; ++j) {
        if (above(i, j) && short_of(i, j) > 0) {
          total += weight * short_of(i, j);
          --balance;
        } else if (above(j, i) && short_of(j, i) > 0) {
          ++balance;
        }
      }
      slope += weight * balance;
    }
    p.slope[at(i)] = static_cast<float>(slope);
  }
  const double sum = block_sum(total);
  if (t == 0) p.value[int64_t{member} * p.outputs + output] = sum;
}

}  // namespace

void loss(const Loss& p, DeviceStream stream) {
  launch("loss", {{p.outputs, p.members, 1}, kThreads, static_cast<int>(kThreads * sizeof(double))}, stream,
         loss_kernel, p);
}

}  // namespace optiproxy::cuda
