// What a fit and a climb shall do: plain values, the same for every backend.
#pragma once

#include <cstdint>
#include <span>

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

/// Step s of a fit in epochs of `batches` minibatches.
AdamWStep fit_step(const FitPlan& plan, int batches, int step);
/// The order in which a member sees the graphs in an epoch, a function of its number alone.
void fit_order(const FitPlan& plan, uint32_t member, int epoch, std::span<int32_t> order);
/// Places in that order, first to last - 1, of minibatch b of nearly equal ones.
struct BatchRange {
  int64_t first, last;
};
BatchRange fit_batch(int64_t graphs, int64_t batches, int64_t batch);

/// The steps of a climb in turn: which logits they move, and how.
class ClimbSteps {
 public:
  struct Step {
    bool moves_alpha, moves_beta;
    AdamWStep alpha{}, beta{};  // of what is moved
  };
  /// With nothing to take turns with, every step moves what there is.
  ClimbSteps(bool any_alpha, bool any_beta) : any_alpha_(any_alpha), any_beta_(any_beta) {}
  Step next(const ClimbPlan& plan);

 private:
  bool any_alpha_, any_beta_;
  int step_ = 0, alpha_steps_ = 0, beta_steps_ = 0;
};

/// Constants of the 1-based step t at a learning rate, bias corrections in double.
AdamWStep adamw_step(const AdamWConfig& config, double lr, int t);

/// Both throw INVALID_ARGUMENT for values outside their range.
void check_plan(const FitPlan& plan);
void check_plan(const ClimbPlan& plan);

}  // namespace optiproxy
