#include "climb.h"

#include <algorithm>
#include <cmath>

#include "../core/random.h"

namespace optiproxy::cpu {
namespace {

size_t area(int a, int b) { return static_cast<size_t>(a) * static_cast<size_t>(b); }

}  // namespace

RelaxedBatch::RelaxedBatch(const ModelConfig& config, const ParameterLayout& layout, const Kernels& kernels,
                           const GraphProgram& program, int restarts)
    : config_(config),
      program_(program),
      restarts_(restarts),
      network_(config, layout, kernels),
      genes_(program),
      shared_(program.shared_topology()),
      topology_(program.nodes, shared_) {
  const auto r = static_cast<size_t>(restarts);
  const size_t square = area(program.nodes, program.nodes), row = area(program.nodes, program.features);
  const size_t topologies = shared_ ? 1 : r;
  soft_.resize(r * genes_.values());
  activity_.resize(r * program.genes.size());
  d_soft_.resize(genes_.values());
  d_activity_.resize(program.genes.size());
  x_.resize(r * row);
  d_x_.resize(r * row);
  for (auto* v : {&adjacency_, &out_, &back_}) v->resize(topologies * square);
  if (shared_) {
    program.fill_adjacency(nullptr, adjacency_.data());
    normalise_adjacency(program.nodes, adjacency_.data(), out_.data(), back_.data());
    topology_.append(out_.data(), back_.data());
  } else {
    d_out_.resize(r * square);
    d_back_.resize(r * square);
    d_adjacency_.resize(square);
  }
  prediction_.resize(r * static_cast<size_t>(config.outputs));
  slope_.resize(prediction_.size());
  sizes_.assign(r, program.nodes);
}

double RelaxedBatch::ascend(const NetworkWeights& weights, std::span<const float> objective, float tau,
                            const float* alpha, const float* noise_alpha, const float* beta, const float* noise_beta,
                            float* d_alpha, float* d_beta) {
  relax(tau, alpha, noise_alpha, beta, noise_beta);
  const NetworkInput input{restarts_, program_.nodes, sizes_.data(), &topology_, nullptr, x_.data(), nullptr};
  network_.forward(weights, input, nullptr, prediction_.data());
  double total = 0;
  for (size_t i = 0; i < prediction_.size(); ++i) {
    slope_[i] = objective[i % objective.size()];
    total += static_cast<double>(slope_[i]) * prediction_[i];
  }
  network_.backward(
      weights, input, slope_.data(),
      {.x = d_x_.data(), .out = shared_ ? nullptr : d_out_.data(), .back = shared_ ? nullptr : d_back_.data()});
  pull_back(tau, d_alpha, d_beta);
  return total;
}

/// Feature rows and adjacency of each restart.
void RelaxedBatch::relax(float tau, const float* alpha, const float* noise_alpha, const float* beta,
                         const float* noise_beta) {
  const ProgramView program = genes_.view();
  const size_t a = genes_.alpha(), b = genes_.beta();
  const size_t row = area(program.nodes, program.features), square = area(program.nodes, program.nodes);
  if (!shared_) topology_.clear();
  for (size_t r = 0; r < static_cast<size_t>(restarts_); ++r) {
    float* soft = soft_.data() + r * genes_.values();
    float* activity = activity_.data() + r * program_.genes.size();
    lane::relax_genes(program, {alpha + r * a, noise_alpha + r * a, beta + r * b, noise_beta + r * b}, tau, soft,
                      activity);
    lane::relax_features(program, soft, activity, x_.data() + r * row);
    if (shared_) continue;
    float* adjacency = adjacency_.data() + r * square;
    lane::relax_adjacency(program, soft, activity, adjacency);
    normalise_adjacency(program.nodes, adjacency, out_.data() + r * square, back_.data() + r * square);
    topology_.append(out_.data() + r * square, back_.data() + r * square);
  }
}

void RelaxedBatch::pull_back(float tau, float* d_alpha, float* d_beta) {
  const ProgramView program = genes_.view();
  const size_t row = area(program.nodes, program.features), square = area(program.nodes, program.nodes);
  for (size_t r = 0; r < static_cast<size_t>(restarts_); ++r) {
    const float* soft = soft_.data() + r * genes_.values();
    const float* activity = activity_.data() + r * program_.genes.size();
    std::ranges::fill(d_soft_, 0.0f);
    std::ranges::fill(d_activity_, 0.0f);
    lane::pull_back_features(program, soft, activity, d_x_.data() + r * row, d_soft_.data(), d_activity_.data());
    if (!shared_) {
      normalise_adjacency_backward(program.nodes, adjacency_.data() + r * square, out_.data() + r * square,
                                   back_.data() + r * square, d_out_.data() + r * square, d_back_.data() + r * square,
                                   d_adjacency_.data());
      lane::pull_back_adjacency(program, soft, activity, d_adjacency_.data(), d_soft_.data(), d_activity_.data());
    }
    lane::pull_back_genes(program, tau, soft, activity, d_soft_.data(), d_activity_.data(),
                          d_alpha + r * genes_.alpha(), d_beta + r * genes_.beta());
  }
}

ClimbTask::ClimbTask(const ModelConfig& config, const ParameterLayout& layout, const Kernels& kernels,
                     const GraphProgram& program, uint32_t member, uint32_t first_restart, int restarts)
    : k_(kernels),
      member_(member),
      first_restart_(first_restart),
      restarts_(restarts),
      batch_(config, layout, kernels, program, restarts) {}

void ClimbTask::begin(std::span<float> alpha, std::span<float> beta) {
  alpha_ = alpha;
  beta_ = beta;
  for (auto* v : {&noise_alpha_, &d_alpha_, &m_alpha_, &v_alpha_}) v->assign(alpha.size(), 0.0f);
  for (auto* v : {&noise_beta_, &d_beta_, &m_beta_, &v_beta_}) v->assign(beta.size(), 0.0f);
  step_ = 0;
  steps_ = ClimbSteps(!alpha.empty(), !beta.empty());
}

void ClimbTask::draw_noise(const ClimbPlan& plan, size_t ops, size_t edges) {
  words_.resize(ops + edges);
  for (size_t i = 0; i < static_cast<size_t>(restarts_); ++i) {
    const uint32_t restart = first_restart_ + static_cast<uint32_t>(i);
    Rng rng({plan.seed, Purpose::kGumbel, member_ << 16 | restart, plan.round, static_cast<uint32_t>(step_)});
    for (uint32_t& word : words_) word = rng.word();
    k_.gumbel(static_cast<int64_t>(ops), words_.data(), noise_alpha_.data() + i * ops);
    k_.gumbel(static_cast<int64_t>(edges), words_.data() + ops, noise_beta_.data() + i * edges);
  }
}

void ClimbTask::run(const NetworkWeights& weights, std::span<const float> objective, const ClimbPlan& plan,
                    std::chrono::steady_clock::time_point deadline) {
  const auto r = static_cast<size_t>(restarts_);
  const size_t ops = alpha_.size() / r, edges = beta_.size() / r;
  while (step_ < plan.steps) {
    draw_noise(plan, ops, edges);
    batch_.ascend(weights, objective, plan.tau(step_), alpha_.data(), noise_alpha_.data(), beta_.data(),
                  noise_beta_.data(), d_alpha_.data(), d_beta_.data());
    // AdamW descends, the climb ascends.
    for (float& d : d_alpha_) d = -d;
    for (float& d : d_beta_) d = -d;
    const ClimbSteps::Step step = steps_.next(plan);
    if (step.moves_alpha) {
      k_.adamw(static_cast<int64_t>(alpha_.size()), &step.alpha, d_alpha_.data(), alpha_.data(), m_alpha_.data(),
               v_alpha_.data());
    }
    if (step.moves_beta) {
      k_.adamw(static_cast<int64_t>(beta_.size()), &step.beta, d_beta_.data(), beta_.data(), m_beta_.data(),
               v_beta_.data());
    }
    ++step_;
    if (std::chrono::steady_clock::now() >= deadline) return;
  }
}

}  // namespace optiproxy::cpu
