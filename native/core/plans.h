// What a fit and a climb shall do: plain values, the same for every backend.
#pragma once

#include <cstdint>

#include "kernel_values.h"

namespace optiproxy {

struct LossConfig {
  float ranking = 0;  // weight of the pairwise hinge beside the mean squared error
  float margin = 0;
};

struct AdamWConfig {
  double lr = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.01;
};

enum class Decay { kConstant, kCosine, kStep };

/// Learning rate as a function of progress: cosine to 0, or times `gamma` every `every` units.
struct Schedule {
  Decay decay = Decay::kConstant;
  double gamma = 1;
  int every = 1;
  double factor(int done, int total) const;
};

struct FitPlan {
  int epochs = 0;
  int batch = 0;  // an epoch is cut into ceil(n / batch) batches of nearly equal size
  AdamWConfig adamw;
  Schedule schedule;  // per epoch for kStep, per step for kCosine
  LossConfig loss;
  float dropout = 0;
  uint64_t seed = 0;
  uint32_t round = 0;  // distinguishes the fits of one study
};

struct ClimbPlan {
  int restarts = 0;  // R a member
  int steps = 0;
  AdamWConfig adamw;
  Schedule schedule;
  double tau_start = 1;
  double tau_end = 1;
  float alpha_low = 0;  // Latin hypercube of the starting logits
  float alpha_high = 1;
  double beta_lr = 0;  // learning rate of beta; 0: that of alpha
  int turn = 0;        // steps that alpha and beta are moved in turns; 0: both at every step
  uint64_t seed = 0;
  uint32_t round = 0;

  /// Whether step s moves alpha, or beta.
  bool moves_alpha(int step) const { return turn == 0 || step / turn % 2 == 0; }
  bool moves_beta(int step) const { return turn == 0 || step / turn % 2 == 1; }

  /// Temperature of step s, linear from tau_start to tau_end.
  float tau(int step) const {
    const double part = steps > 1 ? static_cast<double>(step) / (steps - 1) : 0;
    return static_cast<float>(tau_start + (tau_end - tau_start) * part);
  }
};

/// Constants of the 1-based step t at a learning rate, bias corrections in double.
AdamWStep adamw_step(const AdamWConfig& config, double lr, int t);

/// Both throw INVALID_ARGUMENT for values outside their range.
void check_plan(const FitPlan& plan);
void check_plan(const ClimbPlan& plan);

}  // namespace optiproxy
