#include "cpu_backend.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <string>

#include "../core/error.h"
#include "isa.h"
#include "loss.h"

namespace optiproxy::cpu {
namespace {

// Work is cut into groups of fixed size, never into "count / threads", so that the cut does not depend on the machine.
constexpr int kRestartsPerTask = 25;
constexpr int kGraphsPerTask = 32;
/// Fewer architectures are not worth another part of a scoring.
constexpr size_t kFewestGraphs = 64;

std::chrono::steady_clock::time_point deadline_in(double milliseconds) {
  return std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                                                std::chrono::duration<double, std::milli>(milliseconds));
}

/// The next multiple of a cache line of floats.
size_t whole_lines(size_t floats) { return (floats + 15) / 16 * 16; }

}  // namespace

CpuBackend::CpuBackend(const ModelConfig& config, int members, int threads)
    : config_(config),
      members_(members),
      k_(select_kernels()),
      layout_(config),
      checks_(config, layout_, members),
      pool_(threads),
      stride_(whole_lines(layout_.size())) {
  require(threads >= 1, "threads: expected at least 1, given " + std::to_string(threads));
  parameters_.assign(stride_ * static_cast<size_t>(members), 0.0f);
  for (int m = 0; m < members_; ++m) {
    fits_.push_back(std::make_unique<MemberFit>(config, layout_, k_, static_cast<uint32_t>(m), member_parameters(m)));
  }
  for (int t = 0; t < threads; ++t) {
    predictors_.push_back(std::make_unique<Network>(config, layout_, k_));
    scorers_.push_back(std::make_unique<Scorer>(config, layout_, k_));
  }
}

float* CpuBackend::member_parameters(int member) { return parameters_.data() + static_cast<size_t>(member) * stride_; }

NetworkWeights CpuBackend::member_weights(int member) { return {layout_, k_, member_parameters(member)}; }

void CpuBackend::set_parameters(std::span<const float> parameters) {
  checks_.set_parameters(parameters.size());
  const size_t size = layout_.size();
  for (int m = 0; m < members_; ++m) {
    std::ranges::copy(parameters.subspan(static_cast<size_t>(m) * size, size), member_parameters(m));
  }
  // What was begun holds moments and transposes of the parameters before.
  pending_fit_.reset();
  fit_data_.reset();
  climbs_.clear();
}

void CpuBackend::get_parameters(std::span<float> parameters) const {
  checks_.get_parameters(parameters.size());
  const size_t size = layout_.size();
  for (size_t m = 0; m < static_cast<size_t>(members_); ++m) {
    std::copy_n(parameters_.data() + m * stride_, size, parameters.data() + m * size);
  }
}

void CpuBackend::begin_fit(GraphBatch graphs, std::vector<float> targets, const FitPlan& plan) {
  checks_.begin_fit(graphs, targets.size(), plan);
  climbs_.clear();  // they hold transposes of what the fit will change
  fit_data_.reset();
  pending_fit_ = std::make_unique<PendingFit>(PendingFit{std::move(graphs), std::move(targets), plan});
  fit_progress_.assign(fits_.size(), 0.0);
}

/// Finds what repeats among the graphs: too long for the caller of begin_fit to wait for where they are many.
void CpuBackend::start_fit() {
  const auto pending = std::move(pending_fit_);
  fit_data_ =
      std::make_unique<FitData>(std::move(pending->graphs), std::move(pending->targets), pending->plan, config_.kind);
  for (const auto& member : fits_) member->begin(*fit_data_);
}

double CpuBackend::fit(double milliseconds) {
  if (pending_fit_ != nullptr) start_fit();
  require(fit_data_ != nullptr, "fit: nothing was begun");
  return pool_.run_turns(fit_progress_, deadline_in(milliseconds), [&](int m, ThreadPool::Time until) {
    fits_[static_cast<size_t>(m)]->run(*fit_data_, until);
    return fits_[static_cast<size_t>(m)]->progress();
  });
}

void CpuBackend::begin_climb(const GraphProgram& program, Relaxation start, std::vector<float> weights,
                             const ClimbPlan& plan) {
  checks_.begin_climb(program, start, weights.size(), plan);
  const auto ops = static_cast<size_t>(program.alpha_width()), edges = static_cast<size_t>(program.beta_width());
  pending_fit_.reset();
  fit_data_.reset();
  climbs_.clear();
  program_ = program;
  climb_plan_ = plan;
  objective_ = std::move(weights);
  relaxation_ = std::move(start);
  climb_weights_.clear();
  const std::span alpha(relaxation_.alpha), beta(relaxation_.beta);
  for (int m = 0; m < members_; ++m) {
    climb_weights_.push_back(member_weights(m));
    climb_weights_.back().transpose();
    for (int first = 0; first < plan.restarts; first += kRestartsPerTask) {
      const int count = std::min(kRestartsPerTask, plan.restarts - first);
      climbs_.push_back(std::make_unique<ClimbTask>(config_, layout_, k_, program_, static_cast<uint32_t>(m),
                                                    static_cast<uint32_t>(first), count));
      const auto lane = static_cast<size_t>(m * plan.restarts + first), n = static_cast<size_t>(count);
      climbs_.back()->begin(alpha.subspan(lane * ops, n * ops), beta.subspan(lane * edges, n * edges));
    }
  }
  climb_progress_.assign(climbs_.size(), 0.0);
}

double CpuBackend::climb(double milliseconds) {
  require(!climbs_.empty(), "climb: nothing was begun");
  return pool_.run_turns(climb_progress_, deadline_in(milliseconds), [&](int t, ThreadPool::Time until) {
    ClimbTask& task = *climbs_[static_cast<size_t>(t)];
    task.run(climb_weights_[task.member()], objective_, climb_plan_, until);
    return static_cast<double>(task.steps_done()) / climb_plan_.steps;
  });
}

void CpuBackend::predict(const GraphBatch& graphs, std::span<float> predictions) {
  checks_.predict(graphs, predictions.size());
  const auto b = static_cast<size_t>(graphs.graphs), o = static_cast<size_t>(config_.outputs);
  const Topology topology(graphs);
  const int chunks = (graphs.graphs + kGraphsPerTask - 1) / kGraphsPerTask;
  pool_.run(members_ * chunks, [&](int task, int thread) {
    const int member = task / chunks, first = task % chunks * kGraphsPerTask;
    predict_part(graphs, topology, first, std::min(kGraphsPerTask, graphs.graphs - first), member, thread,
                 predictions.data() + (static_cast<size_t>(member) * b + static_cast<size_t>(first)) * o);
  });
}

/// One member's predictions of `count` graphs from `first` on.
void CpuBackend::predict_part(const GraphBatch& graphs, const Topology& topology, int first, int count, int member,
                              int thread, float* predictions) {
  const auto at = static_cast<size_t>(first);
  std::array<int32_t, kGraphsPerTask> index;
  std::iota(index.begin(), index.end(), first);
  const NetworkInput input{.graphs = count,
                           .nodes = graphs.nodes,
                           .sizes = graphs.sizes.data() + at,
                           .topology = &topology,
                           .index = index.data(),
                           .x = graphs.x.data() + at * static_cast<size_t>(graphs.nodes * graphs.features),
                           .classes = nullptr};
  predictors_[static_cast<size_t>(thread)]->forward(member_weights(member), input, nullptr, predictions);
}

void CpuBackend::score(const GraphProgram& program, std::span<const uint8_t> genes, std::span<float> predictions) {
  checks_.score(program, genes, predictions.size());
  if (config_.kind == NetworkKind::kGcn) {
    score_rows(program, genes, predictions);
  } else {
    score_forward(program, genes, predictions);
  }
}

/// A GCN's way: each distinct row once.
void CpuBackend::score_rows(const GraphProgram& program, std::span<const uint8_t> genes, std::span<float> predictions) {
  const auto g = static_cast<size_t>(program.gene_count()), o = static_cast<size_t>(config_.outputs),
             count = genes.size() / g;
  const ScorePlan plan(program, config_.layers);
  // As few and as large parts as the threads allow: the cut changes how much repeats, never a prediction.
  const auto limit = static_cast<size_t>(Scorer::batch_limit(config_, program));
  const auto members = static_cast<size_t>(members_), threads = static_cast<size_t>(pool_.threads());
  size_t parts = (count + limit - 1) / limit;
  while (members * parts % threads != 0 && count / (parts + 1) >= kFewestGraphs) ++parts;
  pool_.run(static_cast<int>(members * parts), [&](int task, int thread) {
    const size_t member = static_cast<size_t>(task) / parts, part = static_cast<size_t>(task) % parts;
    const size_t first = part * count / parts, last = (part + 1) * count / parts;
    scorers_[static_cast<size_t>(thread)]->score(program, plan, member_parameters(static_cast<int>(member)),
                                                 genes.data() + first * g, static_cast<int>(last - first),
                                                 predictions.data() + (member * count + first) * o);
  });
}

/// Any network's way: spelt out as graphs, a few at a time.
void CpuBackend::score_forward(const GraphProgram& program, std::span<const uint8_t> genes,
                               std::span<float> predictions) {
  const auto g = static_cast<size_t>(program.gene_count()), o = static_cast<size_t>(config_.outputs),
             count = genes.size() / g;
  const size_t parts = (count + kGraphsPerTask - 1) / kGraphsPerTask;
  pool_.run(static_cast<int>(parts), [&](int task, int thread) {
    const size_t first = static_cast<size_t>(task) * kGraphsPerTask,
                 part = std::min<size_t>(kGraphsPerTask, count - first);
    const GraphBatch graphs = program.encode(genes.subspan(first * g, part * g));
    const Topology topology(graphs);
    for (int member = 0; member < members_; ++member) {
      predict_part(graphs, topology, 0, static_cast<int>(part), member, thread,
                   predictions.data() + (static_cast<size_t>(member) * count + first) * o);
    }
  });
}

double CpuBackend::loss_and_gradient(int member, const GraphBatch& graphs, std::span<const float> targets,
                                     const LossConfig& loss, std::span<float> gradient) {
  checks_.loss_and_gradient(member, graphs, targets.size(), gradient.size());
  // The way that a fit goes: by classes where rows repeat.
  const Topology topology(graphs);
  const RowClasses classes = reads_classes(config_.kind) ? RowClasses(graphs, topology) : RowClasses(graphs.nodes);
  std::vector<int32_t> index(static_cast<size_t>(graphs.graphs));
  std::iota(index.begin(), index.end(), 0);
  BatchClasses batch;
  if (classes.usable()) batch.assign(classes, index.data(), graphs.graphs);
  const NetworkInput input{.graphs = graphs.graphs,
                           .nodes = graphs.nodes,
                           .sizes = graphs.sizes.data(),
                           .topology = &topology,
                           .index = nullptr,
                           .x = classes.usable() ? nullptr : graphs.x.data(),
                           .classes = &batch};
  std::vector<float> prediction(targets.size()), slope(targets.size());
  NetworkWeights weights = member_weights(member);
  weights.transpose();
  Network& network = *predictors_.front();
  network.forward(weights, input, nullptr, prediction.data());
  const double value =
      loss_and_slope(graphs.graphs, config_.outputs, prediction.data(), targets.data(), loss, slope.data());
  network.backward(weights, input, slope.data(), {.parameters = gradient.data()});
  return value;
}

double CpuBackend::relaxed_gradient(int member, const GraphProgram& program, const Relaxation& point,
                                    const Relaxation& noise, float tau, std::span<const float> weights,
                                    Relaxation& gradient) {
  checks_.relaxed_gradient(member, program, point, noise, weights.size());
  gradient.alpha.resize(point.alpha.size());
  gradient.beta.resize(point.beta.size());
  NetworkWeights frozen = member_weights(member);
  frozen.transpose();
  RelaxedBatch batch(config_, layout_, k_, program, static_cast<int>(lanes_of(program, point)));
  return batch.ascend(frozen, weights, tau, point.alpha.data(), noise.alpha.data(), point.beta.data(),
                      noise.beta.data(), gradient.alpha.data(), gradient.beta.data());
}

}  // namespace optiproxy::cpu
