#include "proxy.h"

#include <cmath>

#include "../core/climb.h"
#include "../core/climb_entropy.h"
#include "../core/random.h"
#include "args.h"
#include "args_space.h"
#include "device.h"

namespace optiproxy::node {
namespace {

/// Marks what a constructor below has made: a prototype can be forged, and a forged one must not be unwrapped.
constexpr napi_type_tag kTag{0x6f70746970726f78, 0x792e50726f787900};

NetworkKind read_kind(const Napi::Value& value) {
  const std::string expected = "config.kind: expected gcn, mlp or transformer";
  require(value.IsString(), expected);
  const std::string kind = value.As<Napi::String>();
  if (kind == "gcn") return NetworkKind::kGcn;
  if (kind == "mlp") return NetworkKind::kMlp;
  if (kind == "transformer") return NetworkKind::kTransformer;
  fail(expected + ", given " + kind);
}

}  // namespace

Napi::Function Proxy::define(Napi::Env env) {
  return DefineClass(
      env, "Proxy",
      {InstanceMethod<&Proxy::initialise>("initialise"), InstanceMethod<&Proxy::begin_fit>("beginFit"),
       InstanceMethod<&Proxy::fit>("fit"), InstanceMethod<&Proxy::begin_climb>("beginClimb"),
       InstanceMethod<&Proxy::climb>("climb"), InstanceMethod<&Proxy::entropy>("entropy"),
       InstanceMethod<&Proxy::parameters>("parameters"), InstanceMethod<&Proxy::set_parameters>("setParameters"),
       InstanceMethod<&Proxy::close>("close"), InstanceAccessor<&Proxy::isa>("isa")});
}

Proxy& Proxy::unwrap(const Napi::Value& value) {
  require(value.IsObject() && value.As<Napi::Object>().CheckTypeTag(&kTag), "proxy: expected a native Proxy");
  return *Napi::ObjectWrap<Proxy>::Unwrap(value.As<Napi::Object>());
}

Proxy::Proxy(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  guarded(info.Env(), [&] {
    space_ = std::make_unique<Space>(read_space(info[0]));
    const Napi::Object o = read_object(info[1], "config");
    const GraphProgram& graph = space_->graph();
    model_ = {.features = graph.features,
              .hidden = read_int(o.Get("hidden"), "config.hidden", 1, 4096),
              .layers = read_int(o.Get("layers"), "config.layers", 1, 64),
              .outputs = read_int(o.Get("outputs"), "config.outputs", 1, 256),
              .kind = read_kind(o.Get("kind")),
              .nodes = graph.nodes,
              .free_edges = graph.free_edges()};
    members_ = read_int(o.Get("members"), "config.members", 1, 256);
    const Napi::Value device = o.Get("device");
    require(device.IsUndefined() || device.IsString(), "config.device: expected cpu or cuda");
    const std::string name = device.IsUndefined() ? "cpu" : device.As<Napi::String>().Utf8Value();
    backend_ = make_backend(name, model_, members_, read_int(o.Get("threads"), "config.threads", 1, 256));
    info.This().As<Napi::Object>().TypeTag(&kTag);
  });
}

const Relaxation& Proxy::climbed() const {
  require(climb_done_ >= 1, "proxy: expected a finished climb (hint: beginClimb, then climb until it returns 1)");
  return backend_->relaxation();
}

void Proxy::settle() {
  usage_.end();
  if (usage_.closed()) backend_.reset();
}

Napi::Value Proxy::initialise(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    usage_.check();
    const uint64_t seed = read_seed(info[0], "seed");
    const uint32_t round = read_round(info[1], "round");
    const size_t each = backend_->layout().size();
    std::vector<float> all(each * static_cast<size_t>(members_));
    for (int m = 0; m < members_; ++m) {
      initialise_parameters(model_, seed, static_cast<uint32_t>(m), round,
                            std::span(all).subspan(static_cast<size_t>(m) * each, each));
    }
    backend_->set_parameters(all);
    fit_done_ = climb_done_ = -1;
    return info.Env().Undefined();
  });
}

Napi::Value Proxy::begin_fit(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    // Getters of the plan may run anything: states are checked when all arguments are read.
    std::vector<uint8_t> genes = read_bytes(info[0], "genes");
    // Of several outputs a graph may lack some.
    std::vector<float> targets = read_floats(info[1], "targets", model_.outputs > 1);
    const FitPlan plan = read_fit_plan(info[2]);
    usage_.check();
    space_->graph().check_genes(genes);
    std::vector<uint8_t> normal(space_->genes());
    for (size_t at = 0; space_->normalises() && at < genes.size(); at += normal.size()) {
      space_->normalise(genes.data() + at, normal.data());
      std::copy(normal.begin(), normal.end(), genes.begin() + static_cast<std::ptrdiff_t>(at));
    }
    backend_->begin_fit(space_->graph().encode(genes), std::move(targets), plan);
    fit_done_ = 0;
    climb_done_ = -1;
    return info.Env().Undefined();
  });
}

Napi::Value Proxy::begin_climb(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const ClimbPlan plan = read_climb_plan(info[0]);
    // The first output is the objective, unless it is said what each counts.
    std::vector<float> weights(static_cast<size_t>(model_.outputs), 0.0f);
    weights[0] = 1;
    if (!info[1].IsUndefined()) {
      const size_t outputs = weights.size();
      weights = read_floats(info[1], "weights");
      require(weights.size() == outputs, "weights: expected one for each of " + std::to_string(outputs) +
                                             " outputs, given " + std::to_string(weights.size()));
    }
    usage_.check();
    backend_->begin_climb(space_->graph(), latin_hypercube_start(space_->graph(), members_, plan), std::move(weights),
                          plan);
    climb_done_ = 0;
    fit_done_ = -1;  // the climb holds the network as it is now
    return info.Env().Undefined();
  });
}

Napi::Value Proxy::fit(const Napi::CallbackInfo& info) { return slice(info, &Backend::fit, &Proxy::fit_done_); }

Napi::Value Proxy::climb(const Napi::CallbackInfo& info) { return slice(info, &Backend::climb, &Proxy::climb_done_); }

Napi::Value Proxy::entropy(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const double sharpness = read_number(info[0], "sharpness", 1e-6, 1e6);
    usage_.check();
    const ClimbEntropy entropy = climb_entropy(space_->graph(), climbed(), sharpness);
    const auto value = [&](double of) -> Napi::Value {
      return std::isnan(of) ? info.Env().Null() : Napi::Number::New(info.Env(), of);
    };
    Napi::Object result = Napi::Object::New(info.Env());
    result.Set("alpha", value(entropy.alpha));
    result.Set("beta", value(entropy.beta));
    return result;
  });
}

Napi::Value Proxy::slice(const Napi::CallbackInfo& info, double (Backend::*work)(double), double Proxy::*done) {
  return guarded(info.Env(), [&] {
    usage_.check();
    const double milliseconds = read_number(info[0], "milliseconds", 0, 1e6);
    require(this->*done >= 0, "proxy: expected begun work (hint: call beginFit or beginClimb first)");
    usage_.begin();
    return PromiseTask::start(
        info.Env(), {Value()},
        [this, work, done, milliseconds] { return this->*done = (*backend_.*work)(milliseconds); },
        [this] { settle(); });
  });
}

Napi::Value Proxy::parameters(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    usage_.check();
    auto all = Napi::Float32Array::New(info.Env(), backend_->layout().size() * static_cast<size_t>(members_));
    backend_->get_parameters({all.Data(), all.ElementLength()});
    return all;
  });
}

Napi::Value Proxy::set_parameters(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    usage_.check();
    backend_->set_parameters(read_floats(info[0], "parameters"));
    fit_done_ = climb_done_ = -1;
    return info.Env().Undefined();
  });
}

Napi::Value Proxy::isa(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    check_this(info, kTag, "Proxy");
    if (usage_.closed()) usage_.check();
    return Napi::String::New(info.Env(), std::string(backend_->isa()));
  });
}

Napi::Value Proxy::close(const Napi::CallbackInfo& info) {
  usage_.close();
  if (!usage_.busy()) backend_.reset();
  return info.Env().Undefined();
}

}  // namespace optiproxy::node
