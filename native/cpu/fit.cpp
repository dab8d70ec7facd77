#include "fit.h"

#include <algorithm>

#include "loss.h"

namespace optiproxy::cpu {

MemberFit::MemberFit(const ModelConfig& config, const ParameterLayout& layout, const Kernels& kernels, uint32_t member,
                     float* parameters)
    : config_(config),
      layout_(layout),
      member_(member),
      network_(config, layout, kernels),
      weights_(layout, kernels, parameters) {}

void MemberFit::begin(const FitData& data) {
  weights_.transpose();
  gradient_.assign(layout_.size(), 0.0f);
  m_.assign(layout_.size(), 0.0f);
  v_.assign(layout_.size(), 0.0f);
  order_.resize(static_cast<size_t>(data.graphs.graphs));
  batches_ = (data.graphs.graphs + data.plan.batch - 1) / data.plan.batch;
  step_ = 0;
  total_steps_ = data.plan.epochs * batches_;
  const auto b = static_cast<size_t>(std::min(data.plan.batch, data.graphs.graphs));
  const auto n = static_cast<size_t>(data.graphs.nodes), f = static_cast<size_t>(data.graphs.features);
  const auto o = static_cast<size_t>(config_.outputs);
  classes_ = {};
  if (!data.classes.usable()) x_.resize(b * n * f);
  for (auto* v : {&targets_, &prediction_, &slope_}) v->resize(b * o);
  sizes_.resize(b);
}

void MemberFit::run(const FitData& data, std::chrono::steady_clock::time_point deadline) {
  while (step_ < total_steps_) {
    if (step_ % batches_ == 0) fit_order(data.plan, member_, step_ / batches_, order_);
    step(data);
    ++step_;
    if (std::chrono::steady_clock::now() >= deadline) return;
  }
}

NetworkInput MemberFit::gather(const FitData& data, size_t first, size_t count) {
  const GraphBatch& all = data.graphs;
  const auto o = static_cast<size_t>(config_.outputs);
  for (size_t i = 0; i < count; ++i) {
    const auto from = static_cast<size_t>(order_[first + i]);
    std::copy_n(data.targets.begin() + static_cast<std::ptrdiff_t>(from * o), o,
                targets_.begin() + static_cast<std::ptrdiff_t>(i * o));
    sizes_[i] = all.sizes[from];
  }
  NetworkInput input{.graphs = static_cast<int>(count),
                     .nodes = all.nodes,
                     .sizes = sizes_.data(),
                     .topology = &data.topology,
                     .index = order_.data() + first,
                     .x = nullptr,
                     .classes = &classes_};
  if (data.classes.usable()) {
    classes_.assign(data.classes, input.index, input.graphs);
    return input;
  }
  const auto row = static_cast<size_t>(all.nodes) * static_cast<size_t>(all.features);
  for (size_t i = 0; i < count; ++i) {
    std::copy_n(all.x.begin() + static_cast<std::ptrdiff_t>(static_cast<size_t>(order_[first + i]) * row), row,
                x_.begin() + static_cast<std::ptrdiff_t>(i * row));
  }
  input.x = x_.data();
  return input;
}

void MemberFit::step(const FitData& data) {
  const FitPlan& plan = data.plan;
  const BatchRange batch = fit_batch(data.graphs.graphs, batches_, step_ % batches_);
  const NetworkInput input =
      gather(data, static_cast<size_t>(batch.first), static_cast<size_t>(batch.last - batch.first));
  const Dropout dropout{plan.dropout, plan.seed, member_, plan.round, static_cast<uint32_t>(step_)};
  network_.forward(weights_, input, &dropout, prediction_.data());
  loss_and_slope(input.graphs, config_.outputs, prediction_.data(), targets_.data(), plan.loss, slope_.data());
  network_.backward(weights_, input, slope_.data(), {.parameters = gradient_.data()});
  weights_.adamw(fit_step(plan, batches_, step_), gradient_.data(), m_.data(), v_.data());
}

}  // namespace optiproxy::cpu
