#include "plans.h"

#include <cmath>
#include <numbers>
#include <numeric>
#include <string>

#include "error.h"
#include "random.h"

namespace optiproxy {

double Schedule::factor(int done, int total) const {
  switch (decay) {
    case Decay::kCosine:
      return 0.5 * (1 + std::cos(std::numbers::pi * done / total));
    case Decay::kStep:
      return std::pow(gamma, done / every);
    case Decay::kConstant:
      break;
  }
  return 1;
}

namespace {

void range(const char* name, double value, double low, double high) {
  // Written so that NaN fails.
  require(value >= low && value <= high, std::string(name) + ": expected " + std::to_string(low) + ".." +
                                             std::to_string(high) + ", given " + std::to_string(value));
}

void check_optimiser(const AdamWConfig& a, const Schedule& s) {
  range("lr", a.lr, 0, 1e3);
  range("beta1", a.beta1, 0, 0.999999);
  range("beta2", a.beta2, 0, 0.999999999);
  range("epsilon", a.epsilon, 1e-20, 1);
  range("weightDecay", a.weight_decay, 0, 1e3);
  range("schedule.gamma", s.gamma, 0, 1);
  range("schedule.every", s.every, 1, 1e9);
}

}  // namespace

void check_plan(const FitPlan& p) {
  range("epochs", p.epochs, 1, 1e6);
  range("batch", p.batch, 1, 65536);
  check_optimiser(p.adamw, p.schedule);
  range("ranking", p.loss.ranking, 0, 1e6);
  range("margin", p.loss.margin, 0, 1e6);
  range("dropout", p.dropout, 0, 0.99);
}

void check_plan(const ClimbPlan& p) {
  range("restarts", p.restarts, 1, 65535);
  range("steps", p.steps, 1, 65535);
  check_optimiser(p.adamw, p.schedule);
  range("tauStart", p.tau_start, 1e-4, 1e4);
  range("tauEnd", p.tau_end, 1e-4, 1e4);
  range("alphaLow", p.alpha_low, -1e4, 1e4);
  range("alphaHigh", p.alpha_high, p.alpha_low, 1e4);
  range("betaLr", p.beta_lr, 0, 1e3);
  range("turn", p.turn, 0, 65535);
}

AdamWStep adamw_step(const AdamWConfig& c, double lr, int t) {
  return {.shrink = static_cast<float>(1 - lr * c.weight_decay),
          .beta1 = static_cast<float>(c.beta1),
          .beta2 = static_cast<float>(c.beta2),
          .rest1 = static_cast<float>(1 - c.beta1),
          .rest2 = static_cast<float>(1 - c.beta2),
          .step = static_cast<float>(lr / (1 - std::pow(c.beta1, t))),
          .root_correct = static_cast<float>(1 / std::sqrt(1 - std::pow(c.beta2, t))),
          .epsilon = static_cast<float>(c.epsilon)};
}

AdamWStep fit_step(const FitPlan& plan, int batches, int step) {
  const bool by_epoch = plan.schedule.decay == Decay::kStep;
  const double factor =
      plan.schedule.factor(by_epoch ? step / batches : step, by_epoch ? plan.epochs : plan.epochs * batches);
  return adamw_step(plan.adamw, plan.adamw.lr * factor, step + 1);
}

void fit_order(const FitPlan& plan, uint32_t member, int epoch, std::span<int32_t> order) {
  std::iota(order.begin(), order.end(), 0);
  Rng rng({plan.seed, Purpose::kShuffle, member, plan.round, static_cast<uint32_t>(epoch)});
  shuffle(order, rng);
}

BatchRange fit_batch(int64_t graphs, int64_t batches, int64_t batch) {
  return {batch * graphs / batches, (batch + 1) * graphs / batches};
}

ClimbSteps::Step ClimbSteps::next(const ClimbPlan& plan) {
  const double factor = plan.schedule.factor(step_, plan.steps);
  Step step{.moves_alpha = any_alpha_ && (plan.moves_alpha(step_) || !any_beta_),
            .moves_beta = any_beta_ && (plan.moves_beta(step_) || !any_alpha_)};
  if (step.moves_alpha) step.alpha = adamw_step(plan.adamw, plan.adamw.lr * factor, ++alpha_steps_);
  if (step.moves_beta) {
    const double lr = plan.beta_lr > 0 ? plan.beta_lr : plan.adamw.lr;
    step.beta = adamw_step(plan.adamw, lr * factor, ++beta_steps_);
  }
  ++step_;
  return step;
}

}  // namespace optiproxy
