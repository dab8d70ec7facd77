// Gradient ascent of relaxed architectures through frozen members (paper §3.2) on a device: all restarts of all members
// in each launch.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "../core/backend.h"
#include "gcn_pass.h"
#include "steps.h"

namespace optiproxy::cuda {

/// R relaxed architectures of each of some members: logits and noise in, predictions and gradients out.
class RelaxedLanes {
 public:
  RelaxedLanes(Device& device, const ModelConfig& config, const ParameterLayout& layout, const GraphProgram& program,
               int members, int restarts, std::span<const float> objective);
  /// Launches objective and gradient at where alpha and beta are.
  void ascend(const Parameters& weights, DeviceStream stream);
  void send_ahead(std::span<const StepValues> values);

  int alpha() const { return lanes_.program.alpha; }  // A
  int beta() const { return lanes_.program.beta; }    // B
  size_t lanes() const { return static_cast<size_t>(lanes_.lanes); }
  Clock clock() const { return lanes_.clock; }

  // On the device, (lanes, A) and (lanes, B).
  struct Logits {
    float *point, *noise, *gradient, *m, *v;
    size_t size;
  };
  Logits alphas{}, betas{};
  float* prediction = nullptr;  // (lanes, O)

 private:
  Device& device_;
  const int restarts_;
  GcnPass pass_;
  Arena arena_;
  Lanes lanes_{};
  LanesBackward backward_{};
  float* slope_ = nullptr;                  // (lanes, O)
  float *out_ = nullptr, *back_ = nullptr;  // (N, N) where all lanes share them
  float *d_x_ = nullptr, *d_back_ = nullptr;
  int32_t* sizes_ = nullptr;  // (R)
  StepValues* values_ = nullptr;
};

class DeviceClimb {
 public:
  DeviceClimb(Device& device, const ModelConfig& config, const ParameterLayout& layout, const Parameters& weights,
              int members, const GraphProgram& program, const Relaxation& start, std::span<const float> objective,
              const ClimbPlan& plan);
  /// At most this many steps; does not wait for them.
  void run(int steps);
  /// Where the climb stands.
  void read(Relaxation& to);
  int done() const { return step_; }
  int total() const { return plan_.steps; }
  int limit() const { return kStepsAhead; }

 private:
  void launch_step();

  Device& device_;
  const ClimbPlan plan_;
  const Parameters weights_;
  const int members_;
  RelaxedLanes lanes_;
  int step_ = 0;
  ClimbSteps steps_;
  std::unique_ptr<Recording> recording_;
};

}  // namespace optiproxy::cuda
