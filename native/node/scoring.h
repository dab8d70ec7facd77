// What a pool's candidates are scored by: a Proxy, or a Belief with or without one.
#pragma once

#include <napi.h>

#include <memory>
#include <span>
#include <vector>

#include "../core/belief.h"
#include "belief.h"
#include "proxy.h"

namespace optiproxy::node {

class Scoring {
 public:
  /// Reads a Proxy or an assessment {belief, proxy, share, rule, beta, best}.
  static Scoring read(const Napi::Value& value);
  explicit Scoring(Proxy& proxy) : proxy_(&proxy) {}

  /// Throws unless its objects are open, idle and of this space.  Comes after all arguments are read: a getter among
  /// them may run anything, and close what was checked before.
  void check(const Space& space) const;

  BeliefObject* belief() const { return belief_; }
  /// Members and outputs of the scores.
  int members() const { return belief_ == nullptr ? proxy_->members() : 1; }
  int outputs() const { return belief_ == nullptr ? proxy_->outputs() : 1; }
  /// Calls f(scorer).
  template <typename F>
  auto with_scorer(F f) const {
    if (belief_ == nullptr) return f(proxy_->backend());
    Belief scorer = assessed();
    return f(scorer);
  }
  /// An assessment's means and deviations of normalised architectures.
  void predict(std::span<const uint8_t> genes, std::span<float> means, std::span<float> deviations) const;

  std::vector<Napi::Object> owners() const;
  void begin() const;
  void settle() const;

 private:
  Scoring() = default;
  Belief assessed() const;

  Proxy* proxy_ = nullptr;
  BeliefObject* belief_ = nullptr;
  BeliefPlan plan_;
};

}  // namespace optiproxy::node
