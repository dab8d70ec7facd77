#pragma once

#include "../core/plans.h"

namespace optiproxy::cpu {

/// Mean squared error plus `ranking` times the mean hinge max(0, margin - (y_i - y_j)) over the pairs with
/// target_i > target_j, summed over outputs (paper §3.1).  y, target, d_y: (B, O); d_y receives the gradient.  A target
/// that is NaN was not measured: means are over those that were.
double loss_and_slope(int graphs, int outputs, const float* y, const float* target, const LossConfig& config,
                      float* d_y);

}  // namespace optiproxy::cpu
