#include "candidate_pool.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_set>

#include "distribution_draw.h"
#include "error.h"
#include "random.h"
#include "representatives.h"

namespace optiproxy {
namespace {

/// Spaces up to this size are enumerated when chance runs dry.
constexpr double kEnumerable = 1 << 20;

/// Invalid draws that a call may make besides some for each architecture that it is asked for.
constexpr size_t kInvalidDraws = 200'000;

}  // namespace

CandidatePool::CandidatePool(Space space) : space_(std::move(space)), genes_(space_.genes()) {}

void CandidatePool::restrict_to(std::span<const uint8_t> architectures, bool nearest) {
  allowed_ = std::make_unique<Allowed>(space_, architectures);
  nearest_ = nearest;
}

void CandidatePool::add_known(std::span<const uint8_t> architectures) {
  space_.graph().check_genes(architectures);
  for (size_t i = 0; i < architectures.size(); i += genes_) known_.insert(space_.key(architectures.data() + i));
}

void CandidatePool::clear() {
  candidates_.clear();
  if (bytes_.capacity() > 4 * bytes_.size() + 4096) bytes_.shrink_to_fit();
  bytes_.clear();
  scores_.clear();
  tally_ = {};
}

bool CandidatePool::add(const uint8_t* architecture, bool again) {
  if (space_.check(architecture) != 0) {
    ++tally_.invalid;
    return false;
  }
  return add_with_key(architecture, space_.key(architecture), again);
}

bool CandidatePool::add_with_key(const uint8_t* architecture, const Key& key, bool again) {
  if (allowed_) {
    const uint32_t place = allowed_->find(key);
    if (place == KeySet::kNone) {
      ++tally_.outside;
      return false;
    }
    architecture = allowed_->at(place).data();
  }
  return add_permitted(architecture, key, again);
}

bool CandidatePool::add_permitted(const uint8_t* architecture, const Key& key, bool again) {
  if (!again && known_.contains(key)) {
    ++tally_.known;
    return false;
  }
  if (!candidates_.insert(key)) {
    ++tally_.repeated;
    return false;
  }
  ++tally_.added;
  bytes_.insert(bytes_.end(), architecture, architecture + genes_);
  return true;
}

size_t CandidatePool::add_given(std::span<const uint8_t> architectures, bool again) {
  space_.graph().check_genes(architectures);
  size_t added = 0;
  for (size_t at = 0; at < architectures.size(); at += genes_) added += add(architectures.data() + at, again);
  return added;
}

size_t CandidatePool::add_climbed(const Relaxation& relaxation, int members, const DrawPlan& plan) {
  require(plan.draws >= 0 && plan.sharpness > 0 && plan.noise >= 0,
          "draw plan: expected draws >= 0, sharpness > 0, noise >= 0");
  const DistributionDraw distributions(space_, relaxation, plan.sharpness, plan.noise);
  const size_t lanes = distributions.lanes(), restarts = lanes / static_cast<size_t>(members);
  std::vector<uint8_t> architecture(genes_);
  size_t added = 0;
  for (size_t lane = 0; lane < lanes; ++lane) {
    Rng rng({plan.seed, Purpose::kDraw, static_cast<uint32_t>(lane / restarts << 16 | lane % restarts), plan.round, 0});
    for (int d = 0; d < plan.draws; ++d) {
      distributions.draw(lane, rng, architecture.data());
      added += add(architecture.data());
    }
  }
  return added;
}

size_t CandidatePool::add_neighbours(std::span<const uint8_t> architectures) {
  space_.graph().check_genes(architectures);
  size_t added = 0;
  for (size_t at = 0; at < architectures.size(); at += genes_) {
    const uint8_t* centre = architectures.data() + at;
    if (nearest_) {
      for (const uint32_t place : allowed_->nearest(centre, kNearest))
        added += add_permitted(allowed_->at(place).data(), allowed_->key(place), false);
    } else {
      space_.for_neighbours(centre, [&](const uint8_t* n) { added += add_with_key(n, space_.key(n)); });
    }
  }
  return added;
}

size_t CandidatePool::add_neighbours_of_best(size_t count) {
  require(members_ > 0 && scores_.size() == size() * members_, "neighbours of best: score the candidates first");
  std::vector<uint8_t> centres;
  for (size_t index : largest(count, [this](size_t i) { return mean(i); })) {
    const auto c = candidate(index);
    centres.insert(centres.end(), c.begin(), c.end());
  }
  return add_neighbours(centres);
}

void CandidatePool::draw(Rng& rng, uint8_t* architecture) const {
  if (!allowed_) return space_.draw(rng, architecture);
  const auto place = rng.below(static_cast<uint32_t>(allowed_->size()));
  std::ranges::copy(allowed_->at(place), architecture);
}

void CandidatePool::write_numbered(uint64_t number, uint8_t* architecture) const {
  if (!allowed_) return space_.write_numbered(number, architecture);
  std::ranges::copy(allowed_->at(static_cast<size_t>(number)), architecture);
}

size_t CandidatePool::add_uniform(size_t count, uint64_t seed, uint32_t round) {
  Rng rng({seed, Purpose::kUniform, 0, round, 0});
  std::vector<uint8_t> architecture(genes_);
  size_t added = 0, invalid = 0;
  // Each valid draw finds something new with the probability of what is left; the bounds keep a nearly empty space, and
  // constraints that hardly anything meets, from spinning, and enumeration takes over.
  for (size_t tries = 0; added < count && tries < 32 * count + 256 && invalid < 64 * count + kInvalidDraws;) {
    draw(rng, architecture.data());
    const size_t before = tally_.invalid;
    added += add(architecture.data());
    const bool valid = tally_.invalid == before;
    tries += valid;
    invalid += !valid;
  }
  if (added < count && this->count() <= kEnumerable) added += add_by_enumeration(count - added, seed, round);
  return added;
}

size_t CandidatePool::add_by_enumeration(size_t count, uint64_t seed, uint32_t round) {
  std::vector<uint32_t> order(static_cast<size_t>(this->count()));
  std::iota(order.begin(), order.end(), 0u);
  Rng rng({seed, Purpose::kUniform, 1, round, 0});
  shuffle(order, rng);
  std::vector<uint8_t> architecture(genes_);
  size_t added = 0;
  for (size_t i = 0; added < count && i < order.size(); ++i) {
    write_numbered(order[i], architecture.data());
    added += add(architecture.data());
  }
  return added;
}

std::vector<size_t> CandidatePool::representatives(size_t count) const {
  std::vector<uint8_t> normal(bytes_.size());
  for (size_t at = 0; at < bytes_.size(); at += genes_) space_.normalise(bytes_.data() + at, normal.data() + at);
  return optiproxy::representatives(space_, normal, count);
}

void CandidatePool::predict(CandidateScorer& scorer, std::span<const uint8_t> architectures,
                            std::span<float> predictions) {
  if (space_.normalises()) {
    normal_.resize(architectures.size());
    for (size_t at = 0; at < architectures.size(); at += genes_)
      space_.normalise(architectures.data() + at, normal_.data() + at);
    architectures = normal_;
  }
  scorer.score(space_.graph(), architectures, predictions);
}

bool CandidatePool::score(CandidateScorer& scorer, int members, int outputs, size_t limit) {
  const auto k = static_cast<size_t>(members), o = static_cast<size_t>(outputs);
  if (scores_.empty()) members_ = k;
  require(members_ == k, "score: the number of members changed");
  const size_t first = scores_.size() / k, count = std::min(limit, size() - first);
  if (count > 0) {
    std::vector<float> predictions(k * count * o);
    predict(scorer, std::span(bytes_).subspan(first * genes_, count * genes_), predictions);
    scores_.resize((first + count) * k);
    for (size_t i = 0; i < count; ++i) {
      for (size_t m = 0; m < k; ++m) scores_[(first + i) * k + m] = rankable(predictions[(m * count + i) * o]);
    }
  }
  return first + count < size();
}

void CandidatePool::set_scores(std::span<const float> scores) {
  require(scores.size() == size(), "scores: expected one for every candidate");
  members_ = 1;
  scores_.assign(scores.begin(), scores.end());
}

float CandidatePool::mean(size_t index) const {
  float sum = 0;
  for (size_t m = 0; m < members_; ++m) sum += scores_[index * members_ + m];
  return sum / static_cast<float>(members_);
}

std::span<const float> CandidatePool::scores() const {
  require(size() == 0 || (members_ > 0 && scores_.size() == size() * members_), "scores: score the candidates first");
  return scores_;
}

float CandidatePool::deviation(size_t index) const {
  if (members_ < 2) return 0;
  const double centre = mean(index);
  double sum = 0;
  for (size_t m = 0; m < members_; ++m) sum += std::pow(scores_[index * members_ + m] - centre, 2);
  return static_cast<float>(std::sqrt(sum / static_cast<double>(members_ - 1)));
}

template <typename Value>
std::vector<size_t> CandidatePool::largest(size_t count, Value value) const {
  std::vector<size_t> order(size());
  std::iota(order.begin(), order.end(), size_t{0});
  count = std::min(count, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                    [&](size_t a, size_t b) {
                      const float x = value(a), y = value(b);
                      return x > y || (x == y && a < b);
                    });
  order.resize(count);
  return order;
}

std::vector<size_t> CandidatePool::pick(size_t count, PickRule rule, uint64_t seed, uint32_t round) const {
  if (size() == 0) return {};
  require(members_ > 0 && scores_.size() == size() * members_, "pick: score the candidates first");
  if (rule == PickRule::kMean) return largest(count, [this](size_t i) { return mean(i); });
  count = std::min(count, size());
  Rng rng({seed, Purpose::kPick, 0, round, 0});
  std::vector<size_t> members(members_);
  std::iota(members.begin(), members.end(), size_t{0});
  // At most `count` candidates are ahead of a member's choice, so its own `count` best always hold a free one.
  std::vector<std::vector<size_t>> ranked(members_);
  std::vector<size_t> next(members_, 0);
  std::unordered_set<size_t> taken;
  std::vector<size_t> picked;
  while (picked.size() < count) {
    const size_t turn = picked.size() % members_;
    if (turn == 0) shuffle(members, rng);
    const size_t m = members[turn];
    if (ranked[m].empty()) ranked[m] = largest(count, [this, m](size_t i) { return scores_[i * members_ + m]; });
    while (!taken.insert(ranked[m][next[m]]).second) ++next[m];
    picked.push_back(ranked[m][next[m]]);
  }
  return picked;
}

}  // namespace optiproxy
