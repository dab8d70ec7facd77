#include <algorithm>

#include "fit.h"

namespace optiproxy::cuda {
namespace {

/// Graphs that may be named in minibatches sent ahead.
constexpr int kNamedAhead = 1 << 20;

}  // namespace

DeviceFit::DeviceFit(Device& device, const ModelConfig& config, const ParameterLayout& layout,
                     const Parameters& weights, int members, size_t floats, const GraphBatch& graphs,
                     const std::vector<float>& targets, const FitPlan& plan)
    : device_(device),
      config_(config),
      plan_(plan),
      weights_(weights),
      members_(members),
      graphs_(graphs.graphs),
      nodes_(graphs.nodes),
      batches_((graphs.graphs + plan.batch - 1) / plan.batch),
      batch_((graphs.graphs + batches_ - 1) / batches_),
      total_(plan.epochs * batches_),
      limit_(std::clamp(kNamedAhead / (members * batch_), 1, kStepsAhead)),
      pass_(config, layout),
      arena_(device),
      floats_(floats),
      order_(static_cast<size_t>(members), std::vector<int32_t>(static_cast<size_t>(graphs.graphs))) {
  const auto rows = static_cast<size_t>(members) * static_cast<size_t>(batch_);
  const size_t square = static_cast<size_t>(nodes_) * static_cast<size_t>(nodes_);
  const size_t row = static_cast<size_t>(nodes_) * static_cast<size_t>(config.features);
  const auto o = static_cast<size_t>(config.outputs);
  const bool shared = graphs.shared_topology;
  arena_.place([&](Arena& arena) {
    pass_.place(arena, members_, batch_, nodes_, Backward::kLater, plan.dropout > 0);
    clock_ = {values_ = arena.take<StepValues>(static_cast<size_t>(limit_)), arena.take<int32_t>(1)};
    index_ = arena.take<int32_t>(static_cast<size_t>(limit_) * rows);
    const Dataset data{.nodes = nodes_,
                       .features = config.features,
                       .outputs = config.outputs,
                       .shared = shared,
                       .x = arena.take(graphs.x),
                       .out = arena.take(graphs.out),
                       .back = arena.take(graphs.back),
                       .sizes = arena.take(graphs.sizes),
                       .targets = arena.take(targets)};
    gather_ = {.members = members_,
               .graphs = batch_,
               .data = data,
               .index = index_,
               .clock = clock_,
               .x = arena.take<float>(rows * row),
               .out = shared ? nullptr : arena.take<float>(rows * square),
               .back = shared ? nullptr : arena.take<float>(rows * square),
               .sizes = arena.take<int32_t>(rows),
               .targets = arena.take<float>(rows * o)};
    for (float** buffer : {&prediction_, &slope_}) *buffer = arena.take<float>(rows * o);
    loss_ = arena.take<double>(static_cast<size_t>(members_) * o);
    for (float** buffer : {&gradient_, &m_, &v_}) *buffer = arena.take<float>(floats);
  });
  for (float* buffer : {gradient_, m_, v_}) device_.clear(buffer, floats * sizeof(float));
  recording_ = std::make_unique<Recording>(device_, [this] { launch_step(); });
}

void DeviceFit::launch_step() {
  const DeviceStream stream = device_.stream();
  gather(gather_, stream);
  const int64_t square = int64_t{nodes_} * nodes_;
  const Dataset& data = gather_.data;
  const Adjacencies own{gather_.out, gather_.back, batch_ * square, square}, all{data.out, data.back, 0, 0};
  const PassInput input{.x = gather_.x,
                        .x_member = int64_t{batch_} * nodes_ * config_.features,
                        .adjacencies = data.shared ? all : own,
                        .sizes = {gather_.sizes, batch_}};
  const DropoutPlan dropout{plan_.dropout, plan_.seed, plan_.round, clock_};
  pass_.forward(stream, batch_, weights_, input, dropout, prediction_);
  loss({members_, batch_, config_.outputs, prediction_, gather_.targets, plan_.loss, slope_, loss_}, stream);
  pass_.backward(stream, weights_, input, slope_, {.parameters = gradient_});
  adamw({static_cast<int64_t>(floats_ / 4), clock_, 0, 1, gradient_, weights_.data, m_, v_}, stream);
  advance(clock_, stream);
}

/// What the next steps read: their constants, and which graphs are in their minibatches.
void DeviceFit::send_ahead(int steps) {
  std::vector<StepValues> values;
  const auto rows = static_cast<size_t>(members_) * static_cast<size_t>(batch_);
  std::vector<int32_t> index(static_cast<size_t>(steps) * rows, -1);
  for (int s = step_; s < step_ + steps; ++s) {
    values.push_back(
        {.adamw = {fit_step(plan_, batches_, s), {}}, .moves = {1, 0}, .number = static_cast<uint32_t>(s), .tau = 1});
    if (s / batches_ != epoch_) {
      epoch_ = s / batches_;
      for (size_t m = 0; m < order_.size(); ++m) fit_order(plan_, static_cast<uint32_t>(m), epoch_, order_[m]);
    }
    const BatchRange batch = fit_batch(graphs_, batches_, s % batches_);
    auto to = index.begin() + static_cast<std::ptrdiff_t>(static_cast<size_t>(s - step_) * rows);
    for (const auto& order : order_) {
      std::copy(order.begin() + batch.first, order.begin() + batch.last, to);
      to += batch_;
    }
  }
  device_.upload(values_, std::span<const StepValues>(values));
  device_.upload(index_, std::span<const int32_t>(index));
  device_.clear(clock_.at, sizeof(int32_t));
}

void DeviceFit::run(int steps) {
  const int taken = std::min({steps, limit_, total_ - step_});
  if (taken == 0) return;
  send_ahead(taken);
  recording_->replay(taken);
  step_ += taken;
}

}  // namespace optiproxy::cuda
