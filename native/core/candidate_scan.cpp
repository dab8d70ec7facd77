// Candidates out of more architectures than memory would hold, or out of all there are.
#include <algorithm>
#include <functional>

#include "candidate_pool.h"
#include "error.h"
#include "random.h"

namespace optiproxy {

/// Architectures that the pool draws for a scorer.
class CandidatePool::DrawnScan final : public Scan {
 public:
  DrawnScan(CandidatePool& pool, CandidateScorer& scorer, size_t members, size_t outputs)
      : pool_(pool), scorer_(scorer), members_(members), outputs_(outputs) {}

  size_t score(uint32_t first, size_t count) override {
    const Space& space = pool_.space_;
    std::vector<uint32_t> numbers;
    std::vector<uint8_t> genes, architecture(space.genes());
    for (uint32_t number = first; number < first + count; ++number) {
      pool_.write_scanned(number, architecture.data());
      if (!pool_.allowed_ && space.check(architecture.data()) != 0) continue;
      // Of all there are, what is left counts; of a random part known ones are mostly few, and keys dear.
      if (pool_.enumerates() && pool_.known_.contains(space.key(architecture.data()))) continue;
      genes.insert(genes.end(), architecture.begin(), architecture.end());
      numbers.push_back(number);
    }
    const size_t n = numbers.size();
    std::vector<float> predictions(members_ * n * outputs_);
    if (n > 0) pool_.predict(scorer_, genes, predictions);
    ranks_.resize((members_ + 1) * n);
    for (size_t i = 0; i < n; ++i) {
      float sum = 0;
      for (size_t m = 0; m < members_; ++m) {
        const float value = rankable(predictions[(m * n + i) * outputs_]);
        ranks_[m * n + i] = rank_of(value, numbers[i]);
        sum += value;
      }
      ranks_[members_ * n + i] = rank_of(sum, numbers[i]);
    }
    return n;
  }

  std::vector<std::vector<Rank>> best(std::span<const Rank> above, std::span<const Rank> below, size_t most) override {
    const size_t lists = members_ + 1, n = ranks_.size() / lists;
    std::vector<std::vector<Rank>> all(lists);
    for (size_t list = 0; list < lists; ++list) {
      std::vector<Rank>& of = all[list];
      std::ranges::copy_if(std::span(ranks_).subspan(list * n, n), std::back_inserter(of),
                           [&](Rank rank) { return above[list] < rank && rank < below[list]; });
      const auto end = of.begin() + static_cast<std::ptrdiff_t>(std::min(most, of.size()));
      std::ranges::partial_sort(of, end, std::greater());
      of.erase(end, of.end());
    }
    return all;
  }

 private:
  CandidatePool& pool_;
  CandidateScorer& scorer_;
  const size_t members_, outputs_;
  std::vector<Rank> ranks_;  // (K + 1, n)
};

void CandidatePool::begin_scan(const ScanPlan& plan, int members) {
  require(plan.count >= 1 && plan.count <= UINT32_MAX, "scan: expected 1..2^32-1 architectures");
  require(members >= 1, "scan: expected a member");
  scan_ = plan;
  if (count() <= static_cast<double>(plan.count)) scan_.count = static_cast<uint64_t>(count());
  scanned_ = 0;
  kept_.assign(static_cast<size_t>(members) + 1, TopList(genes_, plan.keep));
}

/// The architecture of a number: of an enumeration, or of a stream of its own, so that no result depends on how a scan
/// is cut.
void CandidatePool::write_scanned(uint32_t number, uint8_t* architecture) const {
  if (enumerates()) return write_numbered(number, architecture);
  Rng rng({scan_.seed, Purpose::kScan, 0, scan_.round, number});
  draw(rng, architecture);
}

/// Only what may be kept is looked at: keys cost more than draws.
void CandidatePool::keep_best(Scan& scan) {
  const size_t lists = kept_.size();
  size_t most = std::max<size_t>(scan_.keep, 1);
  std::vector<Rank> above(lists), below(lists, ~Rank{0});
  std::vector<uint8_t> architecture(genes_);
  for (bool more = true; more;) {
    std::ranges::transform(kept_, above.begin(), &TopList::floor);
    more = false;
    const std::vector<std::vector<Rank>> found = scan.best(above, below, most);
    for (size_t list = 0; list < lists; ++list) {
      for (const Rank rank : found[list]) {
        if (rank <= kept_[list].floor()) break;
        write_scanned(number_of(rank), architecture.data());
        const Key key = space_.key(architecture.data());
        if (!known_.contains(key)) kept_[list].offer(rank, architecture.data(), key);
      }
      // Known ones, and those that are the same, may have stood before others that are to be kept.
      below[list] = found[list].size() == most ? found[list].back() : 0;
      more = more || below[list] > kept_[list].floor();
    }
    most *= 2;  // many that are the same take few turns
  }
}

double CandidatePool::scan(CandidateScorer& scorer, int members, int outputs, size_t limit) {
  require(!kept_.empty(), "scan: nothing was begun");
  require(kept_.size() == static_cast<size_t>(members) + 1, "scan: the number of members changed");
  const auto count = static_cast<size_t>(std::min<uint64_t>(std::min(limit, kMostScanned), scan_.count - scanned_));
  DrawnScan drawn(*this, scorer, static_cast<size_t>(members), static_cast<size_t>(outputs));
  Scan* scan = allowed_ || enumerates() ? nullptr : scorer.random_scan(space_, scan_.seed, scan_.round);
  if (scan == nullptr) scan = &drawn;
  const size_t scored = scan->score(static_cast<uint32_t>(scanned_), count);
  keep_best(*scan);
  // Only now: where scoring throws, the next call goes on from the same place.
  tally_.scanned += scored;
  scanned_ += count;
  if (scanned_ < scan_.count) return static_cast<double>(scanned_) / static_cast<double>(scan_.count);
  for (const TopList& list : kept_) {
    const std::vector<uint8_t> best = list.best();
    for (size_t at = 0; at < best.size(); at += genes_) add(best.data() + at);
  }
  kept_.clear();
  return 1;
}

}  // namespace optiproxy
