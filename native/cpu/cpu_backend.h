// The CPU backend: ensemble members are independent work and are spread over threads; so are restarts and candidates in
// groups of fixed size.
#pragma once

#include <memory>

#include "../core/backend.h"
#include "../core/backend_checks.h"
#include "climb.h"
#include "fit.h"
#include "network.h"
#include "scorer.h"
#include "thread_pool.h"

namespace optiproxy::cpu {

class CpuBackend final : public Backend {
 public:
  /// `threads` in all.  Throws INVALID_ARGUMENT for a bad shape, or if OPTIPROXY_ISA names an ISA that cannot run here.
  CpuBackend(const ModelConfig& config, int members, int threads);

  std::string_view isa() const override { return k_.isa; }
  const ParameterLayout& layout() const override { return layout_; }
  void set_parameters(std::span<const float> parameters) override;
  void get_parameters(std::span<float> parameters) const override;
  void begin_fit(GraphBatch graphs, std::vector<float> targets, const FitPlan& plan) override;
  double fit(double milliseconds) override;
  void begin_climb(const GraphProgram& program, Relaxation start, std::vector<float> weights,
                   const ClimbPlan& plan) override;
  double climb(double milliseconds) override;
  const Relaxation& relaxation() const override { return relaxation_; }
  void predict(const GraphBatch& graphs, std::span<float> predictions) override;
  void score(const GraphProgram& program, std::span<const uint8_t> genes, std::span<float> predictions) override;
  double loss_and_gradient(int member, const GraphBatch& graphs, std::span<const float> targets, const LossConfig& loss,
                           std::span<float> gradient) override;
  double relaxed_gradient(int member, const GraphProgram& program, const Relaxation& point, const Relaxation& noise,
                          float tau, std::span<const float> weights, Relaxation& gradient) override;

 private:
  void start_fit();
  float* member_parameters(int member);
  NetworkWeights member_weights(int member);
  void predict_part(const GraphBatch& graphs, const Topology& topology, int first, int count, int member, int thread,
                    float* predictions);
  void score_rows(const GraphProgram& program, std::span<const uint8_t> genes, std::span<float> predictions);
  void score_forward(const GraphProgram& program, std::span<const uint8_t> genes, std::span<float> predictions);

  const ModelConfig config_;
  const int members_;
  const Kernels& k_;
  const ParameterLayout layout_;
  const BackendChecks checks_;
  ThreadPool pool_;
  const size_t stride_;  // floats from one member's parameters to the next, whole cache lines
  Floats parameters_;    // (K, stride)

  struct PendingFit {
    GraphBatch graphs;
    std::vector<float> targets;
    FitPlan plan;
  };
  std::unique_ptr<PendingFit> pending_fit_;  // begun, and not looked at yet
  std::unique_ptr<FitData> fit_data_;
  std::vector<std::unique_ptr<MemberFit>> fits_;  // one a member
  std::vector<double> fit_progress_;              // likewise

  GraphProgram program_;
  ClimbPlan climb_plan_;
  std::vector<float> objective_;
  Relaxation relaxation_;
  std::vector<NetworkWeights> climb_weights_;  // one a member
  std::vector<std::unique_ptr<ClimbTask>> climbs_;
  std::vector<double> climb_progress_;  // one a task

  std::vector<std::unique_ptr<Network>> predictors_;  // one a thread
  std::vector<std::unique_ptr<Scorer>> scorers_;      // likewise
};

}  // namespace optiproxy::cpu
