// A fit of all members on a device: what a step launches, and steps sent ahead.
#pragma once

#include <memory>
#include <vector>

#include "../core/graph.h"
#include "../core/plans.h"
#include "gcn_pass.h"
#include "steps.h"

namespace optiproxy::cuda {

class DeviceFit {
 public:
  /// Of `weights` (members of P floats, `floats` in all with what lies between), which run() moves in place.
  DeviceFit(Device& device, const ModelConfig& config, const ParameterLayout& layout, const Parameters& weights,
            int members, size_t floats, const GraphBatch& graphs, const std::vector<float>& targets,
            const FitPlan& plan);
  /// At most this many steps; does not wait for them.
  void run(int steps);
  int done() const { return step_; }
  int total() const { return total_; }
  /// Steps that one run() can take.
  int limit() const { return limit_; }

 private:
  void launch_step();
  void send_ahead(int steps);

  Device& device_;
  const ModelConfig config_;
  const FitPlan plan_;
  const Parameters weights_;
  const int members_, graphs_, nodes_;
  int batches_, batch_;  // of an epoch; graphs of the largest
  int total_, limit_, step_ = 0;
  GcnPass pass_;
  Arena arena_;
  Gather gather_{};
  Clock clock_{};
  StepValues* values_ = nullptr;
  int32_t* index_ = nullptr;
  float *prediction_ = nullptr, *slope_ = nullptr, *gradient_ = nullptr, *m_ = nullptr, *v_ = nullptr;
  double* loss_ = nullptr;
  size_t floats_;
  std::vector<std::vector<int32_t>> order_;  // of each member, in the epoch of the last step sent
  int epoch_ = -1;
  std::unique_ptr<Recording> recording_;
};

}  // namespace optiproxy::cuda
