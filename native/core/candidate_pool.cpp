#include "candidate_pool.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_set>

#include "climb.h"
#include "error.h"
#include "random.h"

namespace optiproxy {
namespace {

/// Spaces up to this size are enumerated when chance runs dry.
constexpr double kEnumerable = 1 << 20;

GraphProgram checked(GraphProgram program) {
  program.check();
  return program;
}

}  // namespace

CandidatePool::CandidatePool(GraphProgram program)
    : program_(checked(std::move(program))),
      genes_(static_cast<size_t>(program_.genes())),
      known_(genes_),
      candidates_(genes_) {}

void CandidatePool::add_known(std::span<const uint8_t> architectures) {
  program_.check_genes(architectures);
  for (size_t i = 0; i < architectures.size(); i += genes_) known_.insert(architectures.data() + i);
}

void CandidatePool::clear() {
  candidates_.clear();
  scores_.clear();
}

bool CandidatePool::add(const uint8_t* architecture) {
  return !known_.contains(architecture) && candidates_.insert(architecture);
}

size_t CandidatePool::add_climbed(const Relaxation& relaxation, int members, const DrawPlan& plan) {
  require(plan.draws >= 0 && plan.sharpness > 0 && plan.noise >= 0,
          "draw plan: expected draws >= 0, sharpness > 0, noise >= 0");
  const auto k = static_cast<size_t>(program_.choices), v = static_cast<size_t>(program_.variables());
  const size_t e = program_.free_edges.size();
  const size_t lanes = v > 0 ? relaxation.alpha.size() / (v * k) : relaxation.beta.size() / e;
  const size_t restarts = lanes / static_cast<size_t>(members);
  std::vector<float> sharp(relaxation.alpha), sharp_edges(relaxation.beta);
  for (auto* logits : {&sharp, &sharp_edges}) {
    for (float& logit : *logits) logit *= static_cast<float>(plan.sharpness);
  }
  const std::vector<float> p = choice_probabilities(sharp, program_.choices), q = edge_probabilities(sharp_edges);
  std::vector<uint8_t> architecture(genes_);
  std::vector<double> weight(k);
  size_t added = 0;
  for (size_t lane = 0; lane < lanes; ++lane) {
    Rng rng({plan.seed, Purpose::kDraw, static_cast<uint32_t>(lane / restarts << 16 | lane % restarts), plan.round, 0});
    for (int d = 0; d < plan.draws; ++d) {
      for (size_t i = 0; i < v; ++i) {
        double sum = 0;
        for (size_t c = 0; c < k; ++c) {
          weight[c] = p[(lane * v + i) * k + c] + (plan.noise > 0 ? plan.noise * rng.uniform() : 0);
          sum += weight[c];
        }
        double place = rng.uniform() * sum;
        size_t c = 0;
        while (c + 1 < k && place >= weight[c]) place -= weight[c++];
        architecture[i] = static_cast<uint8_t>(c);
      }
      for (size_t i = 0; i < e; ++i) architecture[v + i] = rng.uniform() < q[lane * e + i] ? 1 : 0;
      added += add(architecture.data());
    }
  }
  return added;
}

size_t CandidatePool::add_neighbours(std::span<const uint8_t> architectures) {
  program_.check_genes(architectures);
  size_t added = 0;
  std::vector<uint8_t> neighbour(genes_);
  for (size_t at = 0; at < architectures.size(); at += genes_) {
    std::copy_n(architectures.begin() + static_cast<std::ptrdiff_t>(at), genes_, neighbour.begin());
    for (size_t g = 0; g < genes_; ++g) {
      const uint8_t own = neighbour[g];
      for (int value = 0; value < program_.values(static_cast<int>(g)); ++value) {
        if (value == own) continue;
        neighbour[g] = static_cast<uint8_t>(value);
        added += add(neighbour.data());
      }
      neighbour[g] = own;
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

size_t CandidatePool::add_uniform(size_t count, uint64_t seed, uint32_t round) {
  Rng rng({seed, Purpose::kUniform, 0, round, 0});
  std::vector<uint8_t> architecture(genes_);
  size_t added = 0;
  // Each draw finds something new with the probability of what is left; the bound keeps a nearly empty space from
  // spinning, and enumeration takes over.
  for (size_t tries = 0; added < count && tries < 32 * count + 256; ++tries) {
    for (size_t g = 0; g < genes_; ++g) {
      architecture[g] = static_cast<uint8_t>(rng.below(static_cast<uint32_t>(program_.values(static_cast<int>(g)))));
    }
    added += add(architecture.data());
  }
  if (added < count && program_.count() <= kEnumerable) added += add_by_enumeration(count - added, seed, round);
  return added;
}

size_t CandidatePool::add_by_enumeration(size_t count, uint64_t seed, uint32_t round) {
  std::vector<uint32_t> order(static_cast<size_t>(program_.count()));
  std::iota(order.begin(), order.end(), 0u);
  Rng rng({seed, Purpose::kUniform, 1, round, 0});
  shuffle(order, rng);
  std::vector<uint8_t> architecture(genes_);
  size_t added = 0;
  for (size_t i = 0; added < count && i < order.size(); ++i) {
    program_.write_numbered(order[i], architecture.data());
    added += add(architecture.data());
  }
  return added;
}

bool CandidatePool::score(Backend& backend, int members, int outputs, size_t limit) {
  const auto k = static_cast<size_t>(members), o = static_cast<size_t>(outputs);
  if (scores_.empty()) members_ = k;
  require(members_ == k, "score: the number of members changed");
  const size_t first = scores_.size() / k, count = std::min(limit, size() - first);
  if (count > 0) {
    std::vector<float> predictions(k * count * o);
    backend.score(program_, candidates_.all().subspan(first * genes_, count * genes_), predictions);
    scores_.resize((first + count) * k);
    for (size_t i = 0; i < count; ++i) {
      for (size_t m = 0; m < k; ++m) scores_[(first + i) * k + m] = rankable(predictions[(m * count + i) * o]);
    }
  }
  return first + count < size();
}

float CandidatePool::mean(size_t index) const {
  float sum = 0;
  for (size_t m = 0; m < members_; ++m) sum += scores_[index * members_ + m];
  return sum / static_cast<float>(members_);
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
