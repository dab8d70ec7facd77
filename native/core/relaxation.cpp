#include "relaxation.h"

#include <algorithm>
#include <cmath>

namespace optiproxy {
namespace {

/// Logits of the values in, probabilities out.
void softmax(int n, float* values) {
  float high = -INFINITY, sum = 0;
  for (int i = 0; i < n; ++i) high = std::max(high, values[i]);
  for (int i = 0; i < n; ++i) sum += values[i] = std::exp(values[i] - high);
  for (int i = 0; i < n; ++i) values[i] /= sum;
}

}  // namespace

GeneRelaxation::GeneRelaxation(const GraphProgram& program) {
  for (const Gene& g : program.genes) {
    size_t& logits = g.kind == GeneKind::kChoice ? alpha_ : beta_;
    plans_.push_back({g.kind, g.choices, g.parent, g.when, values_, logits, g.inputs, g.picks,
                      g.kind == GeneKind::kSubset ? subset_members(g.inputs, g.picks) : std::vector<uint8_t>{}});
    values_ += static_cast<size_t>(g.choices);
    logits += static_cast<size_t>(g.logits());
  }
}

void GeneRelaxation::relax(const NoisyLogits& l, float tau, float* soft, float* activity) const {
  for (size_t g = 0; g < plans_.size(); ++g) {
    const Plan& plan = plans_[g];
    float* p = soft + plan.value;
    const float* logit = (plan.kind == GeneKind::kChoice ? l.alpha : l.beta) + plan.logit;
    const float* noise = (plan.kind == GeneKind::kChoice ? l.noise_alpha : l.noise_beta) + plan.logit;
    switch (plan.kind) {
      case GeneKind::kChoice:
        for (int v = 0; v < plan.choices; ++v) p[v] = (logit[v] + noise[v]) / tau;
        softmax(plan.choices, p);
        break;
      case GeneKind::kBit:
        p[1] = 1 / (1 + std::exp(-(logit[0] + noise[0]) / tau));
        p[0] = 1 - p[1];
        break;
      case GeneKind::kSubset: {
        const uint8_t* member = plan.members.data();
        for (int v = 0; v < plan.choices; ++v) {
          float sum = 0;
          for (int i = 0; i < plan.picks; ++i, ++member) sum += logit[*member] + noise[*member];
          p[v] = sum / tau;
        }
        softmax(plan.choices, p);
        break;
      }
    }
    activity[g] = 1;
    if (plan.parent >= 0) {
      const auto parent = static_cast<size_t>(plan.parent);
      activity[g] = activity[parent] * share(parent, plan.when, soft);
    }
  }
}

float GeneRelaxation::share(size_t gene, const ValueSet& values, const float* soft) const {
  const Plan& plan = plans_[gene];
  float sum = 0;
  for (int v = 0; v < plan.choices; ++v) sum += values.contains(v) ? soft[plan.value + static_cast<size_t>(v)] : 0;
  return sum;
}

void GeneRelaxation::add_to_share(size_t gene, const ValueSet& values, float slope, float* d_soft) const {
  const Plan& plan = plans_[gene];
  for (int v = 0; v < plan.choices; ++v) {
    if (values.contains(v)) d_soft[plan.value + static_cast<size_t>(v)] += slope;
  }
}

void GeneRelaxation::pull_back(float tau, const float* soft, const float* activity, float* d_soft, float* d_activity,
                               float* d_alpha, float* d_beta) const {
  for (size_t g = plans_.size(); g-- > 0;) {  // children before the genes that wake them
    const Plan& plan = plans_[g];
    if (plan.parent >= 0) {
      const auto parent = static_cast<size_t>(plan.parent);
      add_to_share(parent, plan.when, d_activity[g] * activity[parent], d_soft);
      d_activity[parent] += d_activity[g] * share(parent, plan.when, soft);
    }
    const float* p = soft + plan.value;
    float* d = d_soft + plan.value;
    float* d_logit = (plan.kind == GeneKind::kChoice ? d_alpha : d_beta) + plan.logit;
    if (plan.kind == GeneKind::kBit) {
      d_logit[0] = (d[1] - d[0]) * p[1] * (1 - p[1]) / tau;
      continue;
    }
    float dot = 0;
    for (int v = 0; v < plan.choices; ++v) dot += p[v] * d[v];
    for (int v = 0; v < plan.choices; ++v) d[v] = p[v] * (d[v] - dot) / tau;
    if (plan.kind == GeneKind::kChoice) {
      std::copy_n(d, plan.choices, d_logit);
      continue;
    }
    std::fill_n(d_logit, plan.inputs, 0.0f);
    const uint8_t* member = plan.members.data();
    for (int v = 0; v < plan.choices; ++v) {
      for (int i = 0; i < plan.picks; ++i, ++member) d_logit[*member] += d[v];
    }
  }
}

}  // namespace optiproxy
