// What differs from one step of a fit or a climb to the next, as kernels read it: the same launches, with the same
// arguments, are then every step, and can be recorded once and replayed.
#pragma once

#include "../core/kernel_values.h"
#include "dialect.h"

namespace optiproxy::cuda {

/// One step.  A fit moves one group of parameters, a climb two: alpha and beta.
struct StepValues {
  AdamWStep adamw[2];
  int32_t moves[2];  // whether the step moves the group
  uint32_t number;   // from 0, of the random streams
  float tau;         // temperature
};

/// Steps that are sent ahead at most.
constexpr int kStepsAhead = 1024;

/// Steps that have been sent ahead, and which of them is being taken, both on the device.
struct Clock {
  const StepValues* steps;
  int32_t* at;
};

OPTIPROXY_DEVICE const StepValues& now(const Clock& clock) { return clock.steps[*clock.at]; }

}  // namespace optiproxy::cuda
