// The candidates of one round: drawn, kept distinct, scored, picked (paper §3.3).  An architecture is G gene bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "allowed.h"
#include "backend.h"
#include "candidate_scorer.h"
#include "key.h"
#include "rank.h"
#include "space.h"
#include "top_list.h"
#include "verdicts.h"

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

/// What became of the architectures that were proposed since the pool was cleared.
struct Tally {
  size_t added = 0;
  size_t known = 0;       // asked before: the same by the space's isomorphism
  size_t repeated = 0;    // likewise a candidate already
  size_t invalid = 0;     // against the space's constraints
  size_t outside = 0;     // not among those that may be queried
  size_t infeasible = 0;  // against a verdict of the caller
  size_t scanned = 0;     // scored by a scan, whether or not they were kept; of a random part known ones too
};

class CandidatePool {
 public:
  explicit CandidatePool(Space space);

  const Space& space() const { return space_; }
  size_t size() const { return candidates_.size(); }
  size_t known() const { return known_.size(); }
  const Tally& tally() const { return tally_; }

  /// From now on only these architectures (n, G) and no others can become candidates; of those that are the same, the
  /// least by its genes.  Whatever finds one of them proposes it as it stands here.  The order in which they come
  /// changes nothing.  Throws INVALID_ARGUMENT for an invalid one.
  /// `nearest`: whether neighbours are the nearest of them, as suits a few of many, or those that differ in one gene.
  void restrict_to(std::span<const uint8_t> architectures, bool nearest = true);
  /// Number of architectures there are to propose: encodings of the space, or those it is restricted to.
  double count() const { return allowed_ ? static_cast<double>(allowed_->size()) : space_.count(); }

  /// Architectures (n, G) that must not be proposed again; those already known are ignored.
  void add_known(std::span<const uint8_t> architectures);
  /// Forgets the candidates, not the known.
  void clear();

  /// Each adds what is valid and neither known nor a candidate yet, and returns how many that were.
  /// These architectures (n, G) as they stand; `again`: though they are known.
  size_t add_given(std::span<const uint8_t> architectures, bool again = false);
  size_t add_climbed(const Relaxation& relaxation, int members, const DrawPlan& plan);
  /// Neighbours: architectures that differ in one gene, or the kNearest that differ in the fewest (restrict_to).
  size_t add_neighbours(std::span<const uint8_t> architectures);
  /// Neighbours of the `count` candidates with the best mean prediction; all candidates must be scored.
  size_t add_neighbours_of_best(size_t count);
  /// `count` architectures uniformly at random among the valid encodings, without replacement; fewer only if no more
  /// exist (or, in a space too large to enumerate, if bounded tries find no more: tally() says what was in the way).
  size_t add_uniform(size_t count, uint64_t seed, uint32_t round);

  /// Places of the candidates of which the caller has never said, as they are written, whether they may be asked...
  std::vector<size_t> unjudged() const;
  /// ...and what it says of them (n), 1 or 0.  Those that are refused, now or before, are no candidates any more; what
  /// is found later of them is one until the next call, so that nothing depends on what was refused when.  Throws
  /// INVALID_ARGUMENT for another number, or where one that is refused has a score.
  void judge(std::span<const uint8_t> verdicts);

  /// Scores at most `limit` candidates that have no score yet with output 0 of each member; false when none is left.
  bool score(CandidateScorer& scorer, int members, int outputs, size_t limit);

  /// Gives all candidates the score (n) that the caller made of them, as that of a single member.
  void set_scores(std::span<const float> scores);

  /// All candidates are without a score again.
  void forget_scores() { scores_.clear(); }

  /// Scans the space: begin_scan, then scan until it returns 1.  Scores architectures that need not be candidates, at
  /// most `limit` and kMostScanned a call, and returns the part that is done; memory does not grow with their number.
  /// In the end the best of those that are not known become candidates, unless they are.
  void begin_scan(const ScanPlan& plan, int members);
  double scan(CandidateScorer& scorer, int members, int outputs, size_t limit);

  /// Indices of `count` distinct scored candidates, best first.  kMean: by mean prediction.  kThompson: each by the
  /// prediction of one member, the members in random order.
  std::vector<size_t> pick(size_t count, PickRule rule, uint64_t seed, uint32_t round) const;
  /// All candidates (n, G).
  std::span<const uint8_t> candidates() const { return bytes_; }
  std::span<const uint8_t> candidate(size_t index) const { return std::span(bytes_).subspan(index * genes_, genes_); }
  /// Places of at most `count` candidates that stand for all (see representatives.h).
  std::vector<size_t> representatives(size_t count) const;
  /// Mean prediction over the members.
  float mean(size_t index) const;
  /// Predictions (n, members) of all candidates, which must be scored.
  std::span<const float> scores() const;
  /// Standard deviation of the members' predictions (of n - 1 of n); 0 of a single member.
  float deviation(size_t index) const;

 private:
  class DrawnScan;
  static constexpr size_t kNearest = 32;

  bool add(const uint8_t* architecture, bool again = false);
  bool add_with_key(const uint8_t* architecture, const Key& key, bool again = false);
  bool add_permitted(const uint8_t* architecture, const Key& key, bool again);
  size_t add_by_enumeration(size_t count, uint64_t seed, uint32_t round);
  void draw(Rng& rng, uint8_t* architecture) const;
  /// The architecture of a number below count().
  void write_numbered(uint64_t number, uint8_t* architecture) const;
  void write_scanned(uint32_t number, uint8_t* architecture) const;
  /// Whether a scan goes through everything in order.
  bool enumerates() const { return count() <= static_cast<double>(scan_.count); }
  /// Takes into kept_ what is to be kept of what was scored last.
  void keep_best(Scan& scan);
  /// Predictions (K, n, O) of architectures as they stand (n, G).
  void predict(CandidateScorer& scorer, std::span<const uint8_t> architectures, std::span<float> predictions);
  /// The `count` indices with the largest value(index); ties go to the lower index.
  template <typename Value>
  std::vector<size_t> largest(size_t count, Value value) const;

  const Space space_;
  const size_t genes_;
  std::unique_ptr<const Allowed> allowed_;  // null: whatever is valid
  bool nearest_ = false;
  KeySet known_;
  Verdicts verdicts_;
  KeySet candidates_;
  std::vector<uint8_t> bytes_;  // (candidates, G)
  Tally tally_;
  std::vector<uint8_t> normal_;  // scratch of predict()
  std::vector<float> scores_;    // (scored, members)
  size_t members_ = 0;
  ScanPlan scan_;
  uint64_t scanned_ = 0;
  std::vector<TopList> kept_;  // of each member, then of the mean
};

}  // namespace optiproxy
