#include "scoring.h"

#include <limits>

#include "args.h"

namespace optiproxy::node {
namespace {

bool same_space(const GraphProgram& a, const GraphProgram& b) {
  bool same = a.genes.size() == b.genes.size() && a.nodes == b.nodes && a.features == b.features;
  for (size_t g = 0; same && g < a.genes.size(); ++g) {
    const int gene = static_cast<int>(g);
    same = a.genes[g].kind == b.genes[g].kind && a.values(gene) == b.values(gene);
  }
  return same;
}

AcquisitionRule read_rule(const Napi::Value& value) {
  const std::string expected = "rule: expected ucb or log-ei";
  require(value.IsString(), expected);
  const std::string rule = value.As<Napi::String>();
  if (rule == "ucb") return AcquisitionRule::kUpperBound;
  if (rule == "log-ei") return AcquisitionRule::kExpectedImprovement;
  fail(expected + ", given " + rule);
}

}  // namespace

Scoring Scoring::read(const Napi::Value& value) {
  if (!value.IsObject() || !value.As<Napi::Object>().Has("belief")) return Scoring(Proxy::unwrap(value));
  constexpr double kMost = std::numeric_limits<float>::max();
  const Napi::Object o = value.As<Napi::Object>();
  Scoring scoring;
  scoring.plan_ = {.share = read_number(o.Get("share"), "share", 0, 1),
                   .rule = read_rule(o.Get("rule")),
                   .beta = read_number(o.Get("beta"), "beta", 0, kMost),
                   .best = read_number(o.Get("best"), "best", -kMost, kMost)};
  scoring.belief_ = &BeliefObject::unwrap(o.Get("belief"));
  const Napi::Value proxy = o.Get("proxy");
  if (!proxy.IsUndefined()) scoring.proxy_ = &Proxy::unwrap(proxy);
  require(scoring.plan_.share == 0 || scoring.proxy_ != nullptr, "proxy: expected one for a share above 0");
  return scoring;
}

void Scoring::check(const Space& space) const {
  if (belief_ != nullptr) {
    belief_->usage().check();
    require(same_space(belief_->space().graph(), space.graph()), "belief: expected one of the same space");
    require(belief_->process().fitted(), "belief: fit it first");
  }
  if (proxy_ != nullptr) {
    proxy_->usage().check();
    require(same_space(proxy_->space().graph(), space.graph()), "proxy: expected one of the pool's space");
  }
}

Belief Scoring::assessed() const {
  return proxy_ == nullptr
             ? Belief(belief_->process(), nullptr, 0, 0, plan_)
             : Belief(belief_->process(), &proxy_->backend(), proxy_->members(), proxy_->outputs(), plan_);
}

void Scoring::predict(std::span<const uint8_t> genes, std::span<float> means, std::span<float> deviations) const {
  assessed().predict(belief_->space().graph(), genes, means, deviations);
}

std::vector<Napi::Object> Scoring::owners() const {
  std::vector<Napi::Object> owners;
  if (proxy_ != nullptr) owners.push_back(proxy_->Value());
  if (belief_ != nullptr) owners.push_back(belief_->Value());
  return owners;
}

void Scoring::begin() const {
  if (proxy_ != nullptr) proxy_->usage().begin();
  if (belief_ != nullptr) belief_->usage().begin();
}

void Scoring::settle() const {
  if (proxy_ != nullptr) proxy_->settle();
  if (belief_ != nullptr) belief_->settle();
}

}  // namespace optiproxy::node
