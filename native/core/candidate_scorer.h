// What gives candidates a score: an ensemble's predictions, or what a belief makes of them.
#pragma once

#include <cstdint>
#include <span>

#include "program.h"

namespace optiproxy {

class CandidateScorer {
 public:
  virtual ~CandidateScorer() = default;

  /// Scores (K, n, O), K members of O outputs, of discrete architectures (n, G) of a program, which need not be spelt
  /// out as graphs.  An architecture's score does not depend on what else is scored.
  virtual void score(const GraphProgram& program, std::span<const uint8_t> genes, std::span<float> scores) = 0;
};

}  // namespace optiproxy
