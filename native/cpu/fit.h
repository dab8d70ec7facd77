// Training of one ensemble member: minibatches, dropout, loss, AdamW.
#pragma once

#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

#include "../core/graph.h"
#include "../core/plans.h"
#include "network.h"

namespace optiproxy::cpu {

/// What all members of a fit share.
struct FitData {
  FitData(GraphBatch batch, std::vector<float> wanted, const FitPlan& how, NetworkKind kind)
      : graphs(std::move(batch)),
        targets(std::move(wanted)),
        plan(how),
        topology(graphs),
        classes(reads_classes(kind) ? RowClasses(graphs, topology) : RowClasses(graphs.nodes)) {
    // A fit may last: what the topology and the classes stand for is let go.
    graphs.out = graphs.back = {};
    if (classes.usable()) graphs.x = {};
  }

  GraphBatch graphs;           // B graphs
  std::vector<float> targets;  // (B, O)
  FitPlan plan;
  Topology topology;
  RowClasses classes;
};

class MemberFit {
 public:
  /// Of `parameters` (P), which run() moves in place.
  MemberFit(const ModelConfig& config, const ParameterLayout& layout, const Kernels& kernels, uint32_t member,
            float* parameters);
  /// Starts from the present parameters with zero moments.
  void begin(const FitData& data);
  /// Steps until the deadline has passed (at least one) or all epochs are done.
  void run(const FitData& data, std::chrono::steady_clock::time_point deadline);
  /// Part of the steps that is done, 0..1.
  double progress() const { return static_cast<double>(step_) / static_cast<double>(total_steps_); }

 private:
  void step(const FitData& data);
  /// The step's graphs, order_[first..first + count), and their targets.
  NetworkInput gather(const FitData& data, size_t first, size_t count);

  const ModelConfig config_;
  const ParameterLayout& layout_;
  const uint32_t member_;
  Network network_;
  NetworkWeights weights_;
  Floats gradient_, m_, v_;
  std::vector<int32_t> order_;
  // One minibatch, gathered.
  Floats x_, targets_, prediction_, slope_;
  BatchClasses classes_;
  std::vector<int32_t> sizes_;
  int batches_ = 0;  // an epoch
  int step_ = 0;
  int total_steps_ = 1;
};

}  // namespace optiproxy::cpu
