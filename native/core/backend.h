// An ensemble of K proxies of one shape on some device.  Every call is a whole batch or a slice of work, so dispatch
// costs nothing, and nothing above it changes when the device does.
//
// Not thread-safe: one call at a time.  The same seed and calls give the same bits on the same backend and ISA, at any
// number of threads and however the slices are cut.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "candidate_scorer.h"
#include "graph.h"
#include "model.h"
#include "plans.h"
#include "program.h"

namespace optiproxy {

/// Relaxed architectures: logits of choices (alpha) and of free and chosen edges (beta); see relaxation.h.
struct Relaxation {
  std::vector<float> alpha;  // (members, R, A)
  std::vector<float> beta;   // (members, R, B)
};

class Backend : public CandidateScorer {
 public:
  virtual std::string_view isa() const = 0;
  virtual const ParameterLayout& layout() const = 0;

  /// All members' parameters (K, P), P = layout().size().
  virtual void set_parameters(std::span<const float> parameters) = 0;
  virtual void get_parameters(std::span<float> parameters) const = 0;

  /// Prepares a fit of every member to targets (B, O), starting from the present parameters with zero moments.
  virtual void begin_fit(GraphBatch graphs, std::vector<float> targets, const FitPlan& plan) = 0;
  /// Fits for about `milliseconds` (at least one step) and returns the part that is done, 1 at the end.
  virtual double fit(double milliseconds) = 0;

  /// Prepares gradient ascent on the sum of `weights` (O) · prediction from `start`.
  virtual void begin_climb(const GraphProgram& program, Relaxation start, std::vector<float> weights,
                           const ClimbPlan& plan) = 0;
  /// Climbs for about `milliseconds` (at least one step of something) and returns the part that is done.
  virtual double climb(double milliseconds) = 0;
  /// Where the climb stands.
  virtual const Relaxation& relaxation() const = 0;

  /// Predictions (K, B, O) without dropout.
  virtual void predict(const GraphBatch& graphs, std::span<float> predictions) = 0;

  /// Loss of one member on one batch without dropout, and its gradient (P).
  virtual double loss_and_gradient(int member, const GraphBatch& graphs, std::span<const float> targets,
                                   const LossConfig& loss, std::span<float> gradient) = 0;

  /// One member's ascent objective, summed over R relaxations, under given Gumbel noise at temperature tau, and its
  /// gradient in the logits.  `point`, `noise` and `gradient` have one member's shape.
  virtual double relaxed_gradient(int member, const GraphProgram& program, const Relaxation& point,
                                  const Relaxation& noise, float tau, std::span<const float> weights,
                                  Relaxation& gradient) = 0;
};

}  // namespace optiproxy
