#include "belief.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <string>

#include "args.h"
#include "args_space.h"
#include "scoring.h"

namespace optiproxy::node {
namespace {

/// Marks what the constructor below has made (see Proxy).
constexpr napi_type_tag kTag{0x6f70746970726f78, 0x792e42656c696566};

/// What JavaScript calls the weights of the views.
constexpr std::array<const char*, kViews> kViewNames{"genes", "labels", "flow"};

/// 0.25 rather than 0.250000.
std::string short_text(double number) {
  std::ostringstream text;
  text << number;
  return text.str();
}

/// Place of a number among those of a grid.
template <typename Grid>
size_t read_place(const Napi::Object& shape, const char* name, const Grid& grid) {
  const std::string full = std::string("shape.") + name;
  const double given = read_number(shape.Get(name), full.c_str(), 0, grid.back());
  std::string all;
  for (size_t place = 0; place < grid.size(); ++place) {
    if (given == grid[place]) return place;
    all += (place == 0 ? "" : ", ") + short_text(grid[place]);
  }
  fail(full + ": expected one of " + all + ", given " + short_text(given));
}

/// A list of names; all, if left out.
Views read_views(const Napi::Value& value) {
  if (value.IsUndefined()) return kAllViews;
  const std::string expected = "views: expected some of genes, labels, flow";
  require(value.IsArray(), expected);
  const Napi::Array names = value.As<Napi::Array>();
  Views views{};
  for (uint32_t i = 0; i < names.Length(); ++i) {
    const Napi::Value name = names.Get(i);
    require(name.IsString(), expected);
    const std::string text = name.As<Napi::String>();
    const auto* found = std::ranges::find(kViewNames, text);
    require(found != kViewNames.end(), expected + ", given " + text);
    views[static_cast<size_t>(found - kViewNames.begin())] = true;
  }
  require(std::ranges::find(views, true) != views.end(), expected + ", given none");
  return views;
}

KernelShape read_shape(const Napi::Value& value) {
  const Napi::Object o = read_object(value, "shape");
  constexpr std::array kWeights{0.0, 0.25, 0.5, 0.75, 1.0};
  KernelShape shape;
  int quarters = 0;
  for (size_t view = 0; view < kViews; ++view)
    quarters += shape.weights[view] = static_cast<int>(read_place(o, kViewNames[view], kWeights));
  require(quarters == KernelShape::kQuarters, "shape: expected genes, labels and flow of 1 in all, given " +
                                                  short_text(static_cast<double>(quarters) / KernelShape::kQuarters));
  shape.scale = read_place(o, "scale", KernelShape::kScales);
  shape.noise = read_place(o, "noise", KernelShape::kNoises);
  shape.correlation = read_place(o, "correlation", KernelShape::kCorrelations);
  return shape;
}

}  // namespace

Napi::Function BeliefObject::define(Napi::Env env) {
  return DefineClass(env, "Belief",
                     {InstanceMethod<&BeliefObject::fit>("fit"), InstanceMethod<&BeliefObject::predict>("predict"),
                      InstanceMethod<&BeliefObject::close>("close"), InstanceAccessor<&BeliefObject::noise>("noise"),
                      InstanceAccessor<&BeliefObject::shape, &BeliefObject::set_shape>("shape")});
}

BeliefObject& BeliefObject::unwrap(const Napi::Value& value) {
  require(value.IsObject() && value.As<Napi::Object>().CheckTypeTag(&kTag), "belief: expected a native Belief");
  return *Napi::ObjectWrap<BeliefObject>::Unwrap(value.As<Napi::Object>());
}

BeliefObject::BeliefObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  guarded(info.Env(), [&] {
    require(info[3].IsUndefined() || info[3].IsBoolean(), "written: expected true or false");
    written_ = info[3].IsBoolean() && info[3].As<Napi::Boolean>();
    space_ = std::make_unique<Space>(read_space(info[0]));
    process_ = std::make_unique<GaussianProcess>(*space_, read_seen(info[1]), read_views(info[2]));
    info.This().As<Napi::Object>().TypeTag(&kTag);
  });
}

void BeliefObject::settle() {
  usage_.end();
  if (usage_.closed()) process_.reset();
}

std::vector<uint8_t> BeliefObject::read_seen(const Napi::Value& value) const {
  std::vector<uint8_t> genes = read_bytes(value, "genes");
  space_->graph().check_genes(genes);
  if (written_) return genes;
  std::vector<uint8_t> normal(genes.size());
  for (size_t at = 0; at < genes.size(); at += space_->genes())
    space_->normalise(genes.data() + at, normal.data() + at);
  return normal;
}

Napi::Value BeliefObject::fit(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    std::vector<uint8_t> genes = read_seen(info[0]);
    std::vector<float> targets = read_floats(info[1], "targets");
    require(info[2].IsBoolean(), "tune: expected true or false");
    const bool tune = info[2].As<Napi::Boolean>();
    std::vector<uint8_t> cheap;
    if (!info[3].IsUndefined()) cheap = read_bytes(info[3], "cheap");
    usage_.check();
    usage_.begin();
    return PromiseTask::start(
        info.Env(), {Value()},
        [this, genes = std::move(genes), targets = std::move(targets), cheap = std::move(cheap), tune] {
          process_->fit(genes, targets, tune, cheap);
          return 1.0;
        },
        [this] { settle(); });
  });
}

Napi::Value BeliefObject::predict(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const std::vector<uint8_t> genes = read_seen(info[1]);
    const Scoring scoring = Scoring::read(info[0]);
    require(scoring.belief() == this, "assessment: expected one by this belief");
    scoring.check(*space_);
    const size_t count = genes.size() / space_->genes();
    std::vector<float> means(count), deviations(count);
    scoring.predict(genes, means, deviations);
    auto all = Napi::Float32Array::New(info.Env(), 2 * count);
    std::ranges::copy(means, all.Data());
    std::ranges::copy(deviations, all.Data() + count);
    return all;
  });
}

Napi::Value BeliefObject::noise(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    check_this(info, kTag, "Belief");
    usage_.check();
    return Napi::Number::New(info.Env(), process_->noise_deviation());
  });
}

Napi::Value BeliefObject::shape(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    check_this(info, kTag, "Belief");
    usage_.check();
    const KernelShape& shape = process_->shape();
    Napi::Object o = Napi::Object::New(info.Env());
    for (size_t view = 0; view < kViews; ++view)
      o.Set(kViewNames[view], static_cast<double>(shape.weights[view]) / KernelShape::kQuarters);
    o.Set("scale", KernelShape::kScales[shape.scale]);
    o.Set("noise", shape.noise_variance());
    o.Set("correlation", KernelShape::kCorrelations[shape.correlation]);
    return o;
  });
}

void BeliefObject::set_shape(const Napi::CallbackInfo& info, const Napi::Value& value) {
  guarded(info.Env(), [&] {
    check_this(info, kTag, "Belief");
    const KernelShape shape = read_shape(value);
    usage_.check();
    process_->set_shape(shape);
  });
}

Napi::Value BeliefObject::close(const Napi::CallbackInfo& info) {
  usage_.close();
  if (!usage_.busy()) process_.reset();
  return info.Env().Undefined();
}

}  // namespace optiproxy::node
