// Gradient ascent of relaxed architectures through one frozen member (paper §3.2).
#pragma once

#include <chrono>
#include <span>
#include <vector>

#include "../core/plans.h"
#include "../core/program.h"
#include "../core/relaxation.h"
#include "network.h"

namespace optiproxy::cpu {

/// R relaxed architectures of one program: logits and noise in, objective and gradient out.
class RelaxedBatch {
 public:
  RelaxedBatch(const ModelConfig& config, const ParameterLayout& layout, const Kernels& kernels,
               const GraphProgram& program, int restarts);
  /// Objective: sum over restarts and outputs of weights (O) · prediction at the relaxation of (logits + noise)/tau.
  /// alpha and its noise (R, A); beta and its noise (R, B); gradients likewise (see lane.h).
  double ascend(const NetworkWeights& weights, std::span<const float> objective, float tau, const float* alpha,
                const float* noise_alpha, const float* beta, const float* noise_beta, float* d_alpha, float* d_beta);

 private:
  void relax(float tau, const float* alpha, const float* noise_alpha, const float* beta, const float* noise_beta);
  void pull_back(float tau, float* d_alpha, float* d_beta);

  const ModelConfig config_;
  const GraphProgram& program_;
  const int restarts_;
  Network network_;
  const GeneRelaxation genes_;
  const bool shared_;                                           // whether no gene decides an edge
  std::vector<float> soft_;                                     // (R, P) probabilities of every gene's values
  std::vector<float> activity_;                                 // (R, G) of every gene being there
  std::vector<float> d_soft_, d_activity_;                      // (P), (G) of one restart
  std::vector<float> x_, d_x_;                                  // (R, N, F)
  std::vector<float> adjacency_, out_, back_, d_out_, d_back_;  // (R, N, N), or (N, N) where they share one
  std::vector<float> d_adjacency_;                              // (N, N)
  Topology topology_;
  std::vector<float> prediction_, slope_;  // (R, O)
  std::vector<int32_t> sizes_;
};

/// One task of a climb: some restarts of one member, with their optimiser state.
class ClimbTask {
 public:
  ClimbTask(const ModelConfig& config, const ParameterLayout& layout, const Kernels& kernels,
            const GraphProgram& program, uint32_t member, uint32_t first_restart, int restarts);
  /// `alpha` (R, A) and `beta` (R, B) are this task's part of the relaxation, moved in place.
  void begin(std::span<float> alpha, std::span<float> beta);
  void run(const NetworkWeights& weights, std::span<const float> objective, const ClimbPlan& plan,
           std::chrono::steady_clock::time_point deadline);
  int steps_done() const { return step_; }
  uint32_t member() const { return member_; }

 private:
  /// Gumbel noise of this step, a function of (seed, member, restart, round, step).
  void draw_noise(const ClimbPlan& plan, size_t ops, size_t edges);

  const Kernels& k_;
  const uint32_t member_, first_restart_;
  const int restarts_;
  RelaxedBatch batch_;
  std::span<float> alpha_, beta_;
  std::vector<uint32_t> words_;
  std::vector<float> noise_alpha_, noise_beta_, d_alpha_, d_beta_;
  std::vector<float> m_alpha_, v_alpha_, m_beta_, v_beta_;
  int step_ = 0;
  ClimbSteps steps_{true, true};
};

}  // namespace optiproxy::cpu
