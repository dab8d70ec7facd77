#include "climb.h"

#include <algorithm>
#include <cmath>

#include "../core/random.h"
#include "fit.h"

namespace optiproxy::cpu {
namespace {

size_t area(int a, int b) { return static_cast<size_t>(a) * static_cast<size_t>(b); }

}  // namespace

RelaxedBatch::RelaxedBatch(const ModelConfig& config, const ParameterLayout& layout, const Kernels& kernels,
                           const GraphProgram& program, int restarts)
    : config_(config),
      program_(program),
      restarts_(restarts),
      gcn_(config, layout, kernels),
      topology_(program.nodes, program.free_edges.empty()) {
  const auto r = static_cast<size_t>(restarts);
  const size_t square = area(program.nodes, program.nodes), row = area(program.nodes, program.features);
  const bool free = !program.free_edges.empty();
  const size_t topologies = free ? r : 1;
  soft_ops_.resize(r * area(program.variables(), program.choices));
  soft_edges_.resize(r * program.free_edges.size());
  x_.resize(r * row);
  d_x_.resize(r * row);
  for (auto* v : {&adjacency_, &out_, &back_}) v->resize(topologies * square);
  if (free) {
    d_out_.resize(r * square);
    d_back_.resize(r * square);
    d_adjacency_.resize(square);
  } else {
    program.fill_adjacency(nullptr, adjacency_.data());
    normalise_adjacency(program.nodes, adjacency_.data(), out_.data(), back_.data());
    topology_.append(out_.data(), back_.data());
  }
  prediction_.resize(r * static_cast<size_t>(config.outputs));
  slope_.resize(prediction_.size());
  for (size_t i = 0; i < r; ++i) {
    program.fill_fixed_features(x_.data() + i * row);
  }
  sizes_.assign(r, program.nodes);
}

double RelaxedBatch::ascend(const GcnWeights& weights, std::span<const float> objective, float tau, const float* alpha,
                            const float* noise_alpha, const float* beta, const float* noise_beta, float* d_alpha,
                            float* d_beta) {
  relax(tau, alpha, noise_alpha, beta, noise_beta);
  const GcnInput input{restarts_, program_.nodes, sizes_.data(), &topology_, nullptr, x_.data(), nullptr};
  gcn_.forward(weights, input, nullptr, prediction_.data());
  double total = 0;
  for (size_t i = 0; i < prediction_.size(); ++i) {
    slope_[i] = objective[i % objective.size()];
    total += static_cast<double>(slope_[i]) * prediction_[i];
  }
  const bool free = !program_.free_edges.empty();
  gcn_.backward(weights, input, slope_.data(),
                {.x = d_x_.data(), .out = free ? d_out_.data() : nullptr, .back = free ? d_back_.data() : nullptr});
  pull_back(tau, d_alpha, d_beta);
  return total;
}

void RelaxedBatch::relax(float tau, const float* alpha, const float* noise_alpha, const float* beta,
                         const float* noise_beta) {
  const auto k = static_cast<size_t>(program_.choices), v = static_cast<size_t>(program_.variables());
  const auto f = static_cast<size_t>(program_.features), n = static_cast<size_t>(program_.nodes),
             e = program_.free_edges.size();
  for (size_t row = 0; row < static_cast<size_t>(restarts_) * v; ++row) {
    const float* logit = alpha + row * k;
    const float* noise = noise_alpha + row * k;
    float* soft = soft_ops_.data() + row * k;
    float high = -INFINITY, sum = 0;
    for (size_t c = 0; c < k; ++c) high = std::max(high, soft[c] = (logit[c] + noise[c]) / tau);
    for (size_t c = 0; c < k; ++c) sum += soft[c] = std::exp(soft[c] - high);
    float* x = x_.data() + (row / v) * n * f + static_cast<size_t>(program_.variable_nodes[row % v]) * f;
    // Operations may share a feature, whose share is then the sum of theirs.
    for (size_t c = 0; c < k; ++c) x[program_.choice_features[c]] = 0;
    for (size_t c = 0; c < k; ++c) x[program_.choice_features[c]] += soft[c] /= sum;
  }
  if (e == 0) return;
  for (size_t i = 0; i < soft_edges_.size(); ++i) soft_edges_[i] = 1 / (1 + std::exp(-(beta[i] + noise_beta[i]) / tau));
  topology_.clear();
  for (size_t r = 0; r < static_cast<size_t>(restarts_); ++r) {
    program_.fill_adjacency(soft_edges_.data() + r * e, adjacency_.data() + r * n * n);
    normalise_adjacency(program_.nodes, adjacency_.data() + r * n * n, out_.data() + r * n * n,
                        back_.data() + r * n * n);
    topology_.append(out_.data() + r * n * n, back_.data() + r * n * n);
  }
}

void RelaxedBatch::pull_back(float tau, float* d_alpha, float* d_beta) {
  const auto k = static_cast<size_t>(program_.choices), v = static_cast<size_t>(program_.variables());
  const auto f = static_cast<size_t>(program_.features), n = static_cast<size_t>(program_.nodes),
             e = program_.free_edges.size();
  for (size_t row = 0; row < static_cast<size_t>(restarts_) * v; ++row) {
    const float* soft = soft_ops_.data() + row * k;
    const float* d_x = d_x_.data() + (row / v) * n * f + static_cast<size_t>(program_.variable_nodes[row % v]) * f;
    float dot = 0;
    for (size_t c = 0; c < k; ++c) dot += soft[c] * d_x[program_.choice_features[c]];
    for (size_t c = 0; c < k; ++c) d_alpha[row * k + c] = soft[c] * (d_x[program_.choice_features[c]] - dot) / tau;
  }
  if (e == 0) return;
  for (size_t r = 0; r < static_cast<size_t>(restarts_); ++r) {
    const size_t at = r * n * n;
    normalise_adjacency_backward(program_.nodes, adjacency_.data() + at, out_.data() + at, back_.data() + at,
                                 d_out_.data() + at, d_back_.data() + at, d_adjacency_.data());
    for (size_t i = 0; i < e; ++i) {
      const Edge& edge = program_.free_edges[i];
      const float soft = soft_edges_[r * e + i];
      d_beta[r * e + i] =
          d_adjacency_[static_cast<size_t>(edge.from) * n + static_cast<size_t>(edge.to)] * soft * (1 - soft) / tau;
    }
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

void ClimbTask::run(const GcnWeights& weights, std::span<const float> objective, const ClimbPlan& plan,
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
    const double lr = plan.adamw.lr * plan.schedule.factor(step_, plan.steps);
    const AdamWStep adamw = adamw_step(plan.adamw, lr, step_ + 1);
    k_.adamw(static_cast<int64_t>(alpha_.size()), &adamw, d_alpha_.data(), alpha_.data(), m_alpha_.data(),
             v_alpha_.data());
    k_.adamw(static_cast<int64_t>(beta_.size()), &adamw, d_beta_.data(), beta_.data(), m_beta_.data(), v_beta_.data());
    ++step_;
    if (std::chrono::steady_clock::now() >= deadline) return;
  }
}

}  // namespace optiproxy::cpu
