// What a search believes of architectures that it has not measured, and how much each promises.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "candidate_scorer.h"
#include "gaussian_process.h"

namespace optiproxy {

enum class AcquisitionRule {
  kUpperBound,           // mean + beta · deviation (GP-UCB, Srinivas et al. 2010)
  kExpectedImprovement,  // log of the expected improvement on `best` (Ament et al. 2023)
};

struct BeliefPlan {
  /// How much of the belief is the ensemble's, 0..1; the rest is the process'.
  double share = 0;
  AcquisitionRule rule = AcquisitionRule::kUpperBound;
  double beta = 1;
  double best = 0;
};

/// A mixture of an ensemble's and a Gaussian process' predictions, by its mean and variance: where they disagree it is
/// unsure.  Members that predict no finite number do not count.  Scores (n) are the acquisition.  Architectures are
/// normalised.
class Belief : public CandidateScorer {
 public:
  /// Refers to its arguments.  `ensemble` of `members` proxies with `outputs`, of which the first counts; null if there
  /// is none, which a share of 0 needs not.
  Belief(const GaussianProcess& process, CandidateScorer* ensemble, int members, int outputs, const BeliefPlan& plan)
      : process_(process), ensemble_(ensemble), members_(members), outputs_(outputs), plan_(plan) {}

  void score(const GraphProgram& program, std::span<const uint8_t> genes, std::span<float> scores) override;
  /// Means (n) and standard deviations (n).
  void predict(const GraphProgram& program, std::span<const uint8_t> genes, std::span<float> means,
               std::span<float> deviations);

 private:
  void mix_in(std::span<const float> predictions, std::span<float> means, std::span<float> deviations) const;

  const GaussianProcess& process_;
  CandidateScorer* ensemble_;
  int members_, outputs_;
  BeliefPlan plan_;
};

}  // namespace optiproxy
