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
      pool_(threads),
      stride_(whole_lines(layout_.size())) {
  require(members >= 1 && members <= 256, "members: expected 1..256, given " + std::to_string(members));
  require(config.hidden <= kMaxHidden, "model.hidden: expected at most " + std::to_string(kMaxHidden));
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

void CpuBackend::check_graphs(const GraphBatch& graphs) const {
  require(graphs.features == config_.features, "graphs: expected " + std::to_string(config_.features) +
                                                   " features a node, given " + std::to_string(graphs.features));
  require(config_.kind == NetworkKind::kGcn || graphs.nodes == config_.nodes,
          "graphs: expected " + std::to_string(config_.nodes) + " nodes, given " + std::to_string(graphs.nodes));
}

void CpuBackend::check_program(const char* what, const GraphProgram& program) const {
  const std::string name = std::string(what) + ": the program's ";
  require(program.features == config_.features, name + "features differ from the model's");
  if (config_.kind == NetworkKind::kGcn) return;
  require(program.nodes == config_.nodes && program.free_edges() == config_.free_edges,
          name + "nodes or edges differ from the model's");
}

void CpuBackend::set_parameters(std::span<const float> parameters) {
  const size_t size = layout_.size(), all = size * static_cast<size_t>(members_);
  require(parameters.size() == all,
          "parameters: expected " + std::to_string(all) + " numbers, given " + std::to_string(parameters.size()));
  for (int m = 0; m < members_; ++m) {
    std::ranges::copy(parameters.subspan(static_cast<size_t>(m) * size, size), member_parameters(m));
  }
  // What was begun holds moments and transposes of the parameters before.
  pending_fit_.reset();
  fit_data_.reset();
  climbs_.clear();
}

void CpuBackend::get_parameters(std::span<float> parameters) const {
  const size_t size = layout_.size();
  require(parameters.size() == size * static_cast<size_t>(members_), "parameters: buffer has the wrong length");
  for (size_t m = 0; m < static_cast<size_t>(members_); ++m) {
    std::copy_n(parameters_.data() + m * stride_, size, parameters.data() + m * size);
  }
}

void CpuBackend::begin_fit(GraphBatch graphs, std::vector<float> targets, const FitPlan& plan) {
  check_plan(plan);
  check_graphs(graphs);
  require(
      graphs.graphs >= 1 && targets.size() == static_cast<size_t>(graphs.graphs) * static_cast<size_t>(config_.outputs),
      "fit: expected at least one graph and one target for each graph and output");
  const int64_t steps = plan.epochs * ((int64_t{graphs.graphs} + plan.batch - 1) / plan.batch);
  require(steps <= INT32_MAX, "fit: expected fewer than 2^31 steps, given " + std::to_string(steps));
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
  check_plan(plan);
  check_program("climb", program);
  const auto lanes = static_cast<size_t>(members_) * static_cast<size_t>(plan.restarts);
  const auto ops = static_cast<size_t>(program.alpha_width()), edges = static_cast<size_t>(program.beta_width());
  require(start.alpha.size() == lanes * ops && start.beta.size() == lanes * edges, "climb: start has the wrong length");
  require(weights.size() == static_cast<size_t>(config_.outputs), "climb: expected one weight for each output");
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
  check_graphs(graphs);
  const auto b = static_cast<size_t>(graphs.graphs), o = static_cast<size_t>(config_.outputs);
  require(predictions.size() == static_cast<size_t>(members_) * b * o, "predict: output has the wrong length");
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
  check_program("score", program);
  program.check_genes(genes);
  const auto g = static_cast<size_t>(program.gene_count()), o = static_cast<size_t>(config_.outputs),
             count = genes.size() / g;
  require(predictions.size() == static_cast<size_t>(members_) * count * o, "score: output has the wrong length");
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
  check_graphs(graphs);
  const auto count = static_cast<size_t>(graphs.graphs) * static_cast<size_t>(config_.outputs);
  require(member >= 0 && member < members_ && targets.size() == count && gradient.size() == layout_.size(),
          "loss_and_gradient: a length or the member is out of range");
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
  std::vector<float> prediction(count), slope(count);
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
  check_program("relaxed_gradient", program);
  const auto ops = static_cast<size_t>(program.alpha_width()), edges = static_cast<size_t>(program.beta_width());
  const size_t lanes = ops > 0 ? point.alpha.size() / ops : point.beta.size() / edges;
  require(member >= 0 && member < members_ && point.alpha.size() == lanes * ops && point.beta.size() == lanes * edges &&
              noise.alpha.size() == point.alpha.size() && noise.beta.size() == point.beta.size() &&
              weights.size() == static_cast<size_t>(config_.outputs),
          "relaxed_gradient: a length or the member is out of range");
  gradient.alpha.resize(point.alpha.size());
  gradient.beta.resize(point.beta.size());
  NetworkWeights frozen = member_weights(member);
  frozen.transpose();
  RelaxedBatch batch(config_, layout_, k_, program, static_cast<int>(lanes));
  return batch.ascend(frozen, weights, tau, point.alpha.data(), noise.alpha.data(), point.beta.data(),
                      noise.beta.data(), gradient.alpha.data(), gradient.beta.data());
}

}  // namespace optiproxy::cpu
