// Genes relaxed to probabilities of their values (paper §3.2), and the gradient back to the logits.
//
// A choice is a Gumbel-softmax over its alpha; a bit a Gumbel-sigmoid of its beta; a subset a softmax over all subsets
// of the sum of its members' betas, which for one of n is the Gumbel-softmax over inputs.  A gene that depends on
// another is there with the probability that its parent is and has one of the values that wake it.
#pragma once

#include <cstdint>
#include <vector>

#include "program.h"

namespace optiproxy {

/// Logits and Gumbel noise of one architecture: alpha (A) and beta (B) in the order of the genes.
struct NoisyLogits {
  const float* alpha;
  const float* noise_alpha;
  const float* beta;
  const float* noise_beta;
};

class GeneRelaxation {
 public:
  explicit GeneRelaxation(const GraphProgram& program);

  size_t alpha() const { return alpha_; }    // A
  size_t beta() const { return beta_; }      // B
  size_t values() const { return values_; }  // P, values of all genes
  size_t first_value(size_t gene) const { return plans_[gene].value; }

  /// Probabilities (P) and activities (G).
  void relax(const NoisyLogits& logits, float tau, float* soft, float* activity) const;
  /// Gradients of alpha (A) and beta (B) from those of probabilities and activities, which are used up.
  void pull_back(float tau, const float* soft, const float* activity, float* d_soft, float* d_activity, float* d_alpha,
                 float* d_beta) const;

  /// Probability of one of `values`, given that the gene is there.
  float share(size_t gene, const ValueSet& values, const float* soft) const;
  void add_to_share(size_t gene, const ValueSet& values, float slope, float* d_soft) const;

 private:
  struct Plan {
    GeneKind kind;
    int choices;
    int parent;
    ValueSet when;
    size_t value;  // first of its probabilities
    size_t logit;  // first of its logits in alpha or beta
    int inputs, picks;
    std::vector<uint8_t> members;  // (choices, picks)
  };
  std::vector<Plan> plans_;
  size_t alpha_ = 0, beta_ = 0, values_ = 0;
};

}  // namespace optiproxy
