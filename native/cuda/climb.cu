#include <algorithm>

#include "climb.h"
#include "tables.h"

namespace optiproxy::cuda {
RelaxedLanes::RelaxedLanes(Device& device, const ModelConfig& config, const ParameterLayout& layout,
                           const GraphProgram& program, int members, int restarts, std::span<const float> objective)
    : device_(device), restarts_(restarts), pass_(config, layout), arena_(device) {
  const ProgramTables tables(program);
  const auto lanes = static_cast<size_t>(members) * static_cast<size_t>(restarts);
  const auto n = static_cast<size_t>(program.nodes), square = lanes * n * n;
  const size_t row = lanes * n * static_cast<size_t>(program.features);
  const bool shared = program.shared_topology();
  std::vector<float> adjacency(n * n), out(n * n), back(n * n), slope;
  if (shared) {
    program.fill_adjacency(nullptr, adjacency.data());
    normalise_adjacency(program.nodes, adjacency.data(), out.data(), back.data());
  }
  for (size_t lane = 0; lane < lanes; ++lane) slope.insert(slope.end(), objective.begin(), objective.end());
  const std::vector<int32_t> sizes(static_cast<size_t>(restarts), program.nodes);
  arena_.place([&](Arena& arena) {
    pass_.place(arena, members, restarts, program.nodes, Backward::kLater, false);
    const ProgramView view = on_device(arena, tables);
    values_ = arena.take<StepValues>(kStepsAhead);
    const auto logits = [&](int width) {
      const size_t size = lanes * static_cast<size_t>(width);
      Logits taken{};
      taken.size = size;
      for (float** buffer : {&taken.point, &taken.noise, &taken.gradient, &taken.m, &taken.v}) {
        *buffer = arena.take<float>(size);
      }
      return taken;
    };
    alphas = logits(view.alpha);
    betas = logits(view.beta);
    const auto topology = [&] { return shared ? nullptr : arena.take<float>(square); };
    lanes_ = {.program = view,
              .lanes = static_cast<int>(lanes),
              .shared = shared,
              .clock = {values_, arena.take<int32_t>(1)},
              .alpha = alphas.point,
              .noise_alpha = alphas.noise,
              .beta = betas.point,
              .noise_beta = betas.noise,
              .soft = arena.take<float>(lanes * static_cast<size_t>(view.values)),
              .activity = arena.take<float>(lanes * program.genes.size()),
              .x = arena.take<float>(row),
              .adjacency = topology(),
              .out = topology(),
              .back = topology()};
    d_x_ = arena.take<float>(row);
    d_back_ = topology();
    backward_ = {.at = lanes_,
                 .d_x = d_x_,
                 .d_back = d_back_,
                 .d_out = topology(),
                 .d_adjacency = topology(),
                 .d_soft = arena.take<float>(lanes * static_cast<size_t>(view.values)),
                 .d_activity = arena.take<float>(lanes * program.genes.size()),
                 .d_alpha = alphas.gradient,
                 .d_beta = betas.gradient};
    prediction = arena.take<float>(slope.size());
    slope_ = arena.take(slope);
    sizes_ = arena.take(sizes);
    out_ = shared ? arena.take(out) : nullptr;
    back_ = shared ? arena.take(back) : nullptr;
  });
}

void RelaxedLanes::send_ahead(std::span<const StepValues> values) {
  device_.upload(values_, values);
  device_.clear(lanes_.clock.at, sizeof(int32_t));
}

void RelaxedLanes::ascend(const Parameters& weights, DeviceStream stream) {
  const int64_t square = int64_t{lanes_.program.nodes} * lanes_.program.nodes;
  relax(lanes_, stream);
  const Adjacencies own{lanes_.out, lanes_.back, restarts_ * square, square}, all{out_, back_, 0, 0};
  const PassInput input{.x = lanes_.x,
                        .x_member = int64_t{restarts_} * lanes_.program.nodes * lanes_.program.features,
                        .adjacencies = lanes_.shared ? all : own,
                        .sizes = {sizes_, 0}};
  pass_.forward(stream, restarts_, weights, input, {}, prediction);
  pass_.backward(stream, weights, input, slope_, {.x = d_x_, .out = backward_.d_out, .back = d_back_});
  pull_back(backward_, stream);
}

DeviceClimb::DeviceClimb(Device& device, const ModelConfig& config, const ParameterLayout& layout,
                         const Parameters& weights, int members, const GraphProgram& program, const Relaxation& start,
                         std::span<const float> objective, const ClimbPlan& plan)
    : device_(device),
      plan_(plan),
      weights_(weights),
      members_(members),
      lanes_(device, config, layout, program, members, plan.restarts, objective),
      steps_(lanes_.alpha() > 0, lanes_.beta() > 0) {
  const auto begin = [&](const RelaxedLanes::Logits& logits, const std::vector<float>& from) {
    // Whole fours, as the optimiser reads them.
    const size_t bytes = (logits.size + 3) / 4 * 4 * sizeof(float);
    for (float* buffer : {logits.point, logits.gradient, logits.m, logits.v}) device_.clear(buffer, bytes);
    device_.upload(logits.point, std::span(from));
  };
  begin(lanes_.alphas, start.alpha);
  begin(lanes_.betas, start.beta);
  recording_ = std::make_unique<Recording>(device_, [this] { launch_step(); });
}

void DeviceClimb::launch_step() {
  const DeviceStream stream = device_.stream();
  const Clock clock = lanes_.clock();
  gumbel_noise({members_,
                plan_.restarts,
                lanes_.alpha(),
                lanes_.beta(),
                {static_cast<uint32_t>(plan_.seed), static_cast<uint32_t>(plan_.seed >> 32)},
                plan_.round,
                clock,
                lanes_.alphas.noise,
                lanes_.betas.noise},
               stream);
  lanes_.ascend(weights_, stream);
  for (int group = 0; group < 2; ++group) {
    const RelaxedLanes::Logits& of = group == 0 ? lanes_.alphas : lanes_.betas;
    if (of.size == 0) continue;
    adamw({static_cast<int64_t>((of.size + 3) / 4), clock, group, -1, of.gradient, of.point, of.m, of.v}, stream);
  }
  advance(clock, stream);
}

void DeviceClimb::run(int steps) {
  const int taken = std::min({steps, kStepsAhead, plan_.steps - step_});
  if (taken == 0) return;
  std::vector<StepValues> values;
  for (int s = step_; s < step_ + taken; ++s) {
    const ClimbSteps::Step next = steps_.next(plan_);
    values.push_back({.adamw = {next.alpha, next.beta},
                      .moves = {next.moves_alpha, next.moves_beta},
                      .number = static_cast<uint32_t>(s),
                      .tau = plan_.tau(s)});
  }
  lanes_.send_ahead(values);
  recording_->replay(taken);
  step_ += taken;
}

void DeviceClimb::read(Relaxation& to) {
  to.alpha.resize(lanes_.alphas.size);
  to.beta.resize(lanes_.betas.size);
  device_.download(std::span(to.alpha), static_cast<const float*>(lanes_.alphas.point));
  device_.download(std::span(to.beta), static_cast<const float*>(lanes_.betas.point));
}

}  // namespace optiproxy::cuda
