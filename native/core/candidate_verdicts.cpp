// Candidates that a caller judges: what breaks a constraint that the space does not know of leaves the pool.
#include <algorithm>

#include "candidate_pool.h"
#include "error.h"

namespace optiproxy {

std::vector<size_t> CandidatePool::unjudged() const {
  std::vector<size_t> places;
  for (size_t i = 0; i < size(); ++i) {
    if (!verdicts_.known(Verdicts::key_of(candidate(i)))) places.push_back(i);
  }
  return places;
}

void CandidatePool::judge(std::span<const uint8_t> verdicts) {
  const std::vector<size_t> places = unjudged();
  require(verdicts.size() == places.size(), "verdicts: expected one for each candidate without");
  std::vector<bool> refused(size());
  for (size_t i = 0; i < size(); ++i) refused[i] = verdicts_.refused(Verdicts::key_of(candidate(i)));
  for (size_t i = 0; i < places.size(); ++i) refused[places[i]] = verdicts[i] == 0;
  const auto count = static_cast<size_t>(std::ranges::count(refused, true));
  const auto first = static_cast<size_t>(std::ranges::find(refused, true) - refused.begin());
  const size_t scored = members_ == 0 ? 0 : scores_.size() / members_;
  require(count == 0 || first >= scored, "verdicts: expected candidates that have no score yet");
  for (size_t i = 0; i < places.size(); ++i) verdicts_.add(Verdicts::key_of(candidate(places[i])), verdicts[i] != 0);
  if (count == 0) return;
  KeySet kept;
  std::vector<uint8_t> bytes;
  for (uint32_t i = 0; i < refused.size(); ++i) {
    if (refused[i]) continue;
    kept.insert(candidates_.at(i));
    const auto genes = candidate(i);
    bytes.insert(bytes.end(), genes.begin(), genes.end());
  }
  candidates_ = std::move(kept);
  bytes_ = std::move(bytes);
  tally_.added -= count;
  tally_.infeasible += count;
}

}  // namespace optiproxy
