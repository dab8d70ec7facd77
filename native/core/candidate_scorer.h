// What gives candidates a score: an ensemble's predictions, or what a belief makes of them.
#pragma once

#include <cstdint>
#include <span>

#include "program.h"
#include "scan.h"

namespace optiproxy {

class Space;

class CandidateScorer {
 public:
  virtual ~CandidateScorer() = default;

  /// Scores (K, n, O), K members of O outputs, of discrete architectures (n, G) of a program, which need not be spelt
  /// out as graphs.  An architecture's score does not depend on what else is scored.
  virtual void score(const GraphProgram& program, std::span<const uint8_t> genes, std::span<float> scores) = 0;

  /// A scan of uniformly random architectures, each of its own stream (Purpose::kScan), that the scorer draws by
  /// itself; null where it cannot: then they are drawn for it.  Valid until the next call of this.
  virtual Scan* random_scan(const Space&, uint64_t /*seed*/, uint32_t /*round*/) { return nullptr; }
};

}  // namespace optiproxy
