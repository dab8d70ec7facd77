// What JavaScript reads of a pool.
#include <algorithm>
#include <climits>
#include <numeric>

#include "args.h"
#include "pool.h"

namespace optiproxy::node {

Napi::Uint8Array Pool::genes_of(Napi::Env env, std::span<const size_t> places) const {
  const size_t genes = pool_->space().genes();
  auto all = Napi::Uint8Array::New(env, places.size() * genes);
  for (size_t i = 0; i < places.size(); ++i) std::ranges::copy(pool_->candidate(places[i]), all.Data() + i * genes);
  return all;
}

Napi::Value Pool::unjudged(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    usage_.check();
    return genes_of(info.Env(), pool_->unjudged());
  });
}

Napi::Value Pool::scores(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    usage_.check();
    const auto scores = pool_->scores();
    auto all = Napi::Float32Array::New(info.Env(), scores.size());
    std::ranges::copy(scores, all.Data());
    return all;
  });
}

Napi::Value Pool::representatives(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const auto count = static_cast<size_t>(read_int(info[0], "count", 0, INT_MAX));
    usage_.check();
    return genes_of(info.Env(), pool_->representatives(count));
  });
}

Napi::Value Pool::pick(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    usage_.check();
    const auto count = static_cast<size_t>(read_int(info[0], "count", 0, INT_MAX));
    require(info[1].IsString(), "rule: expected mean or thompson");
    const std::string rule = info[1].As<Napi::String>();
    require(rule == "mean" || rule == "thompson", "rule: expected mean or thompson, given " + rule);
    const std::vector<size_t> picked = pool_->pick(count, rule == "mean" ? PickRule::kMean : PickRule::kThompson,
                                                   read_seed(info[2], "seed"), read_round(info[3], "round"));
    auto means = Napi::Float32Array::New(info.Env(), picked.size());
    auto deviations = Napi::Float32Array::New(info.Env(), picked.size());
    auto places = Napi::Uint32Array::New(info.Env(), picked.size());
    for (size_t i = 0; i < picked.size(); ++i) {
      means[i] = pool_->mean(picked[i]);
      deviations[i] = pool_->deviation(picked[i]);
      places[i] = static_cast<uint32_t>(picked[i]);
    }
    Napi::Object result = Napi::Object::New(info.Env());
    result.Set("genes", genes_of(info.Env(), picked));
    result.Set("means", means);
    result.Set("deviations", deviations);
    result.Set("places", places);
    return result;
  });
}

Napi::Value Pool::candidates(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    usage_.check();
    auto all = Napi::Uint8Array::New(info.Env(), pool_->candidates().size());
    std::ranges::copy(pool_->candidates(), all.Data());
    return all;
  });
}

Napi::Value Pool::shuffled(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    usage_.check();
    Rng rng({read_seed(info[0], "seed"), Purpose::kPick, 1, read_round(info[1], "round"), 0});
    std::vector<size_t> order(pool_->size());
    std::iota(order.begin(), order.end(), size_t{0});
    shuffle(order, rng);
    return genes_of(info.Env(), order);
  });
}

Napi::Value Pool::tally(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    usage_.check();
    const Tally& tally = pool_->tally();
    Napi::Object result = Napi::Object::New(info.Env());
    result.Set("added", static_cast<double>(tally.added));
    result.Set("known", static_cast<double>(tally.known));
    result.Set("repeated", static_cast<double>(tally.repeated));
    result.Set("invalid", static_cast<double>(tally.invalid));
    result.Set("outside", static_cast<double>(tally.outside));
    result.Set("infeasible", static_cast<double>(tally.infeasible));
    result.Set("scanned", static_cast<double>(tally.scanned));
    return result;
  });
}

}  // namespace optiproxy::node
