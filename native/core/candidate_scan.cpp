// Candidates out of more architectures than memory would hold, or out of all there are.
#include "candidate_pool.h"
#include "error.h"
#include "random.h"

namespace optiproxy {

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
void CandidatePool::write_scanned(uint64_t number, uint8_t* architecture) const {
  if (count() <= static_cast<double>(scan_.count)) return write_numbered(number, architecture);
  Rng rng({scan_.seed, Purpose::kScan, 0, scan_.round, static_cast<uint32_t>(number)});
  draw(rng, architecture);
}

double CandidatePool::scan(CandidateScorer& scorer, int member_count, int outputs, size_t limit) {
  const auto members = static_cast<size_t>(member_count), o = static_cast<size_t>(outputs);
  require(!kept_.empty(), "scan: nothing was begun");
  require(kept_.size() == members + 1, "scan: the number of members changed");
  const uint64_t end = scanned_ + std::min<uint64_t>(limit, scan_.count - scanned_);
  std::vector<uint8_t> genes;
  std::vector<Key> keys;
  std::vector<uint8_t> architecture(genes_);
  for (uint64_t number = scanned_; number < end; ++number) {
    write_scanned(number, architecture.data());
    if (!allowed_ && space_.check(architecture.data()) != 0) continue;
    const Key key = space_.key(architecture.data());
    if (known_.contains(key)) continue;
    genes.insert(genes.end(), architecture.begin(), architecture.end());
    keys.push_back(key);
  }
  const size_t count = genes.size() / genes_;
  std::vector<float> predictions(members * count * o);
  if (count > 0) predict(scorer, genes, predictions);
  for (size_t i = 0; i < count; ++i) {
    float sum = 0;
    for (size_t m = 0; m < members; ++m) {
      const float value = rankable(predictions[(m * count + i) * o]);
      kept_[m].offer(value, genes.data() + i * genes_, keys[i]);
      sum += value;
    }
    kept_[members].offer(sum, genes.data() + i * genes_, keys[i]);
  }
  tally_.scanned += count;
  scanned_ = end;  // only now: where scoring throws, the next call goes on from the same place
  if (scanned_ < scan_.count) return static_cast<double>(scanned_) / static_cast<double>(scan_.count);
  for (const TopList& list : kept_) {
    const std::vector<uint8_t> best = list.best();
    for (size_t at = 0; at < best.size(); at += genes_) add(best.data() + at);
  }
  kept_.clear();
  return 1;
}

}  // namespace optiproxy
