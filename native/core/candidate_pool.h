// The candidates of one round: drawn, kept distinct, scored, picked (paper §3.3).  An architecture is G gene bytes.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "backend.h"
#include "gene_set.h"
#include "program.h"
#include "top_list.h"

namespace optiproxy {

/// How candidates are drawn from climbed distributions.
struct DrawPlan {
  int draws = 0;         // for each member and restart
  double sharpness = 1;  // logits are multiplied by it before the softmax
  double noise = 0;      // weight of uniform noise added to each probability before it is normalised
  uint64_t seed = 0;
  uint32_t round = 0;
};

/// Which architectures a scan goes through and how many it keeps.
struct ScanPlan {
  uint64_t count = 0;  // uniformly random ones; where the space has no more than that, each of it once
  size_t keep = 0;     // the best by each member, and as many by the mean
  uint64_t seed = 0;
  uint32_t round = 0;
};

enum class PickRule { kMean, kThompson };

/// A diverged member predicts NaN, which no order can hold: it counts as the worst.
inline float rankable(float prediction) { return std::isfinite(prediction) ? prediction : -1e30f; }

class CandidatePool {
 public:
  /// Throws INVALID_ARGUMENT if the program is not sound.
  explicit CandidatePool(GraphProgram program);

  const GraphProgram& program() const { return program_; }
  size_t size() const { return candidates_.size(); }
  size_t known() const { return known_.size(); }

  /// Architectures (n, G) that must not be proposed again; those already known are ignored.
  void add_known(std::span<const uint8_t> architectures);
  /// Forgets the candidates, not the known.
  void clear();

  /// Each adds what is neither known nor a candidate yet, and returns how many that were.
  size_t add_climbed(const Relaxation& relaxation, int members, const DrawPlan& plan);
  size_t add_neighbours(std::span<const uint8_t> architectures);
  /// Neighbours of the `count` candidates with the best mean prediction; all candidates must be scored.
  size_t add_neighbours_of_best(size_t count);
  /// `count` architectures uniformly at random without replacement; fewer only if no more exist (or, in a space too
  /// large to enumerate, if chance finds no more).
  size_t add_uniform(size_t count, uint64_t seed, uint32_t round);

  /// Scores at most `limit` candidates that have no score yet with output 0 of each member; false when none is left.
  bool score(Backend& backend, int members, int outputs, size_t limit);

  /// Scans the space: begin_scan, then scan until it returns 1.  Scores architectures that need not be candidates, at
  /// most `limit` a call, and returns the part that is done; memory does not grow with their number.  In the end those
  /// kept that are neither known nor candidates yet become candidates.
  void begin_scan(const ScanPlan& plan, int members);
  double scan(Backend& backend, int members, int outputs, size_t limit);

  /// Indices of `count` distinct scored candidates, best first.  kMean: by mean prediction.  kThompson: each by the
  /// prediction of one member, the members in random order.
  std::vector<size_t> pick(size_t count, PickRule rule, uint64_t seed, uint32_t round) const;
  /// All candidates (n, G).
  std::span<const uint8_t> candidates() const { return candidates_.all(); }
  std::span<const uint8_t> candidate(size_t index) const { return candidates_.at(index); }
  /// Mean prediction over the members.
  float mean(size_t index) const;

 private:
  bool add(const uint8_t* architecture);
  size_t add_by_enumeration(size_t count, uint64_t seed, uint32_t round);
  void write_scanned(uint64_t number, uint8_t* architecture) const;
  /// The `count` indices with the largest value(index); ties go to the lower index.
  template <typename Value>
  std::vector<size_t> largest(size_t count, Value value) const;

  const GraphProgram program_;
  const size_t genes_;
  GeneSet known_;
  GeneSet candidates_;
  std::vector<float> scores_;  // (scored, members)
  size_t members_ = 0;
  ScanPlan scan_;
  uint64_t scanned_ = 0;
  std::vector<TopList> kept_;  // of each member, then of the mean
};

}  // namespace optiproxy
