#include "pool.h"

#include <climits>

#include "args.h"
#include "args_space.h"
#include "proxy.h"

namespace optiproxy::node {
namespace {

/// Marks what the constructor below has made (see Proxy).
constexpr napi_type_tag kTag{0x6f70746970726f78, 0x792e506f6f6c0000};

}  // namespace

Napi::Function Pool::define(Napi::Env env) {
  return DefineClass(env, "Pool",
                     {InstanceMethod<&Pool::add_known>("addKnown"),
                      InstanceMethod<&Pool::clear>("clear"),
                      InstanceMethod<&Pool::add>("add"),
                      InstanceMethod<&Pool::add_climbed>("addClimbed"),
                      InstanceMethod<&Pool::add_neighbours>("addNeighbours"),
                      InstanceMethod<&Pool::add_neighbours_of_best>("addNeighboursOfBest"),
                      InstanceMethod<&Pool::add_uniform>("addUniform"),
                      InstanceMethod<&Pool::begin_scan>("beginScan"),
                      InstanceMethod<&Pool::scan>("scan"),
                      InstanceMethod<&Pool::score>("score"),
                      InstanceMethod<&Pool::scores>("scores"),
                      InstanceMethod<&Pool::set_scores>("setScores"),
                      InstanceMethod<&Pool::forget_scores>("forgetScores"),
                      InstanceMethod<&Pool::representatives>("representatives"),
                      InstanceMethod<&Pool::unjudged>("unjudged"),
                      InstanceMethod<&Pool::judge>("judge"),
                      InstanceMethod<&Pool::pick>("pick"),
                      InstanceMethod<&Pool::candidates>("candidates"),
                      InstanceMethod<&Pool::shuffled>("shuffled"),
                      InstanceMethod<&Pool::restrict>("restrict"),
                      InstanceMethod<&Pool::tally>("tally"),
                      InstanceMethod<&Pool::close>("close"),
                      InstanceAccessor<&Pool::size>("size"),
                      InstanceAccessor<&Pool::count>("count")});
}

Pool::Pool(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  guarded(info.Env(), [&] {
    pool_ = std::make_unique<CandidatePool>(read_space(info[0]));
    info.This().As<Napi::Object>().TypeTag(&kTag);
  });
}

void Pool::settle() {
  usage_.end();
  if (usage_.closed()) pool_.reset();
}

Napi::Value Pool::add_known(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    usage_.check();
    pool_->add_known(read_bytes(info[0], "genes"));
    return info.Env().Undefined();
  });
}

Napi::Value Pool::clear(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    usage_.check();
    pool_->clear();
    return info.Env().Undefined();
  });
}

Napi::Value Pool::add(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    usage_.check();
    require(info[1].IsUndefined() || info[1].IsBoolean(), "again: expected true or false");
    const bool again = info[1].IsBoolean() && info[1].As<Napi::Boolean>();
    return Napi::Number::New(info.Env(), static_cast<double>(pool_->add_given(read_bytes(info[0], "genes"), again)));
  });
}

Napi::Value Pool::add_climbed(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const Napi::Object o = read_object(info[1], "plan");
    const DrawPlan plan{.draws = read_int(o.Get("draws"), "plan.draws", 0, 1000000),
                        .sharpness = read_number(o.Get("sharpness"), "plan.sharpness", 1e-6, 1e6),
                        .noise = read_number(o.Get("noise"), "plan.noise", 0, 1e6),
                        .seed = read_seed(o.Get("seed"), "plan.seed"),
                        .round = read_round(o.Get("round"), "plan.round")};
    Proxy& proxy = Proxy::unwrap(info[0]);
    check(Scoring(proxy));
    return Napi::Number::New(info.Env(),
                             static_cast<double>(pool_->add_climbed(proxy.climbed(), proxy.members(), plan)));
  });
}

Napi::Value Pool::add_neighbours(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    usage_.check();
    return Napi::Number::New(info.Env(), static_cast<double>(pool_->add_neighbours(read_bytes(info[0], "genes"))));
  });
}

Napi::Value Pool::add_neighbours_of_best(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    usage_.check();
    const auto count = static_cast<size_t>(read_int(info[0], "count", 0, INT_MAX));
    return Napi::Number::New(info.Env(), static_cast<double>(pool_->add_neighbours_of_best(count)));
  });
}

Napi::Value Pool::add_uniform(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    usage_.check();
    const auto count = static_cast<size_t>(read_int(info[0], "count", 0, 10000000));
    const size_t added = pool_->add_uniform(count, read_seed(info[1], "seed"), read_round(info[2], "round"));
    return Napi::Number::New(info.Env(), static_cast<double>(added));
  });
}

Napi::Value Pool::judge(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    usage_.check();
    pool_->judge(read_bytes(info[0], "verdicts"));
    return info.Env().Undefined();
  });
}

void Pool::check(const Scoring& scoring) const {
  usage_.check();
  scoring.check(pool_->space());
}

Napi::Value Pool::start(Napi::Env env, const Scoring& scoring, std::function<double()> work) {
  usage_.begin();
  scoring.begin();
  std::vector<Napi::Object> owners = scoring.owners();
  owners.push_back(Value());
  return PromiseTask::start(env, std::move(owners), std::move(work), [this, scoring] {
    settle();
    scoring.settle();
  });
}

Napi::Value Pool::score(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto limit = static_cast<size_t>(read_int(info[1], "limit", 1, INT_MAX));
    const Scoring scoring = Scoring::read(info[0]);
    check(scoring);
    return start(info.Env(), scoring, [this, scoring, limit] {
      return scoring.with_scorer([&](CandidateScorer& scorer) {
        return pool_->score(scorer, scoring.members(), scoring.outputs(), limit) ? 0.0 : 1.0;
      });
    });
  });
}

Napi::Value Pool::set_scores(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const std::vector<float> scores = read_floats(info[0], "scores");
    usage_.check();
    pool_->set_scores(scores);
    return info.Env().Undefined();
  });
}

Napi::Value Pool::forget_scores(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    usage_.check();
    pool_->forget_scores();
    return info.Env().Undefined();
  });
}

Napi::Value Pool::begin_scan(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const Napi::Object o = read_object(info[1], "plan");
    const ScanPlan plan{.count = static_cast<uint64_t>(read_int(o.Get("count"), "plan.count", 1, INT_MAX)),
                        .keep = static_cast<size_t>(read_int(o.Get("keep"), "plan.keep", 0, 100000)),
                        .seed = read_seed(o.Get("seed"), "plan.seed"),
                        .round = read_round(o.Get("round"), "plan.round")};
    const Scoring scoring = Scoring::read(info[0]);
    check(scoring);
    pool_->begin_scan(plan, scoring.members());
    return info.Env().Undefined();
  });
}

Napi::Value Pool::scan(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto limit = static_cast<size_t>(read_int(info[1], "limit", 1, INT_MAX));
    const Scoring scoring = Scoring::read(info[0]);
    check(scoring);
    return start(info.Env(), scoring, [this, scoring, limit] {
      return scoring.with_scorer(
          [&](CandidateScorer& scorer) { return pool_->scan(scorer, scoring.members(), scoring.outputs(), limit); });
    });
  });
}

Napi::Value Pool::size(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    check_this(info, kTag, "Pool");
    usage_.check();
    return Napi::Number::New(info.Env(), static_cast<double>(pool_->size()));
  });
}

Napi::Value Pool::restrict(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const std::vector<uint8_t> genes = read_bytes(info[0], "genes");
    require(info[1].IsUndefined() || info[1].IsBoolean(), "nearest: expected true or false");
    usage_.check();
    pool_->restrict_to(genes, info[1].IsUndefined() || info[1].As<Napi::Boolean>());
    return info.Env().Undefined();
  });
}

Napi::Value Pool::count(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    check_this(info, kTag, "Pool");
    usage_.check();
    return Napi::Number::New(info.Env(), pool_->count());
  });
}

Napi::Value Pool::close(const Napi::CallbackInfo& info) {
  usage_.close();
  if (!usage_.busy()) pool_.reset();
  return info.Env().Undefined();
}

}  // namespace optiproxy::node
