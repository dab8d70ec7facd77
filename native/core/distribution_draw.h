// Discrete architectures drawn from climbed distributions (paper §3.3).
#pragma once

#include <cstdint>
#include <vector>

#include "backend.h"
#include "space.h"

namespace optiproxy {

class DistributionDraw {
 public:
  /// Logits are multiplied by `sharpness` before the softmax; `noise` is the weight of uniform noise that is added to
  /// each probability of a choice before it is normalised.
  DistributionDraw(const Space& space, const Relaxation& relaxation, double sharpness, double noise);

  /// Distributions: members times restarts.
  size_t lanes() const { return lanes_; }
  /// An architecture (G) from a lane's distribution; it need not meet the space's constraints.
  void draw(size_t lane, Rng& rng, uint8_t* architecture) const;

 private:
  int draw_value(const float* p, size_t gene, Rng& rng, const uint8_t* architecture) const;

  const Space& space_;
  const double noise_;
  size_t lanes_ = 0, values_ = 0;
  std::vector<size_t> first_;  // (G)
  std::vector<float> soft_;    // (lanes, P)
};

}  // namespace optiproxy
