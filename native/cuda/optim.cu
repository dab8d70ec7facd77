// The optimiser, and the clock that it goes by.
#include <math.h>

#include "steps.h"

namespace optiproxy::cuda {
namespace {

constexpr int kThreads = 256;

OPTIPROXY_KERNEL adamw_kernel(AdamW p) {
  const StepValues& step = now(p.clock);
  const int64_t at = int64_t{block_x()} * kThreads + thread_in_block();
  if (at >= p.fours || step.moves[p.group] == 0) return;
  const AdamWStep s = step.adamw[p.group];
  const Four gradient = reinterpret_cast<const Four*>(p.gradient)[at];
  Four x = reinterpret_cast<const Four*>(p.p)[at];
  Four m = reinterpret_cast<const Four*>(p.m)[at];
  Four v = reinterpret_cast<const Four*>(p.v)[at];
  for (int i = 0; i < 4; ++i) {
    const float g = p.sign * gradient.v[i];
    m.v[i] = s.beta1 * m.v[i] + s.rest1 * g;
    v.v[i] = s.beta2 * v.v[i] + s.rest2 * g * g;
    x.v[i] = x.v[i] * s.shrink - s.step * m.v[i] / (sqrtf(v.v[i]) * s.root_correct + s.epsilon);
  }
  reinterpret_cast<Four*>(p.p)[at] = x;
  reinterpret_cast<Four*>(p.m)[at] = m;
  reinterpret_cast<Four*>(p.v)[at] = v;
}

OPTIPROXY_KERNEL advance_kernel(Clock clock) {
  if (thread_in_block() == 0) ++*clock.at;
}

}  // namespace

void adamw(const AdamW& p, DeviceStream stream) {
  launch("adamw", {{static_cast<int>((p.fours + kThreads - 1) / kThreads), 1, 1}, kThreads, 0}, stream, adamw_kernel,
         p);
}

void advance(Clock clock, DeviceStream stream) {
  launch("advance", {{1, 1, 1}, kWarp, 0}, stream, advance_kernel, clock);
}

}  // namespace optiproxy::cuda
