// The module: what `require('optiproxy.node')` returns.  src/native.ts declares every name in it.
#include <napi.h>

#include "../core/random.h"
#include "../cpu/isa.h"
#include "acquisition.h"
#include "args.h"
#include "belief.h"
#include "device.h"
#include "pool.h"
#include "proxy.h"
#include "space.h"
#include "task.h"

namespace optiproxy::node {
namespace {

#if defined(__clang__)
constexpr const char* kCompiler = "clang " __clang_version__;
#elif defined(__GNUC__)
constexpr const char* kCompiler = "gcc " __VERSION__;
#elif defined(_MSC_VER)
constexpr const char* kCompiler = "msvc";
#else
constexpr const char* kCompiler = "unknown";
#endif

Napi::Value use_error_class(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    require(info[0].IsFunction(), "error class: expected a constructor");
    info.Env().GetInstanceData<AddonData>()->error_class = Napi::Persistent(info[0].As<Napi::Function>());
    return info.Env().Undefined();
  });
}

Napi::Value info_of(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    Napi::Object o = Napi::Object::New(info.Env());
    Napi::Array isas = Napi::Array::New(info.Env());
    uint32_t i = 0;
    for (const std::string& isa : cpu::available_isas()) isas.Set(i++, isa);
    o.Set("isas", isas);
    o.Set("isa", cpu::select_kernels().isa);
    o.Set("compiler", kCompiler);
    const Cuda found = cuda();
    Napi::Object gpu = Napi::Object::New(info.Env());
    gpu.Set("built", found.built);
    gpu.Set("usable", found.usable);
    gpu.Set("emulated", found.emulated);
    gpu.Set("mostNodes", found.most_nodes);
    gpu.Set("words", found.words);
    o.Set("cuda", gpu);
    return o;
  });
}

Napi::Value derive_seed(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const uint64_t seed = read_seed(info[0], "seed");
    const auto lane = static_cast<uint32_t>(read_int(info[1], "lane", 0, (1 << 24) - 1));
    const PhiloxWords words = Stream{seed, Purpose::kDerive, lane, read_round(info[2], "index"), 0}.words(0);
    const uint64_t bits = (uint64_t{words[0]} << 32 | words[1]) >> 11;  // 53 bits: a whole double
    return Napi::Number::New(info.Env(), static_cast<double>(bits));
  });
}

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  auto* data = new AddonData;  // owned by the environment
  env.SetInstanceData(data);
  data->proxy = Napi::Persistent(Proxy::define(env));
  data->pool = Napi::Persistent(Pool::define(env));
  exports.Set("Proxy", data->proxy.Value());
  exports.Set("Pool", data->pool.Value());
  exports.Set("Belief", BeliefObject::define(env));
  exports.Set("Space", SpaceObject::define(env));
  exports.Set("useErrorClass", Napi::Function::New(env, use_error_class));
  exports.Set("info", Napi::Function::New(env, info_of));
  exports.Set("deriveSeed", Napi::Function::New(env, derive_seed));
  exports.Set("logImprovement", Napi::Function::New(env, log_improvement));
  exports.Set("logFeasibility", Napi::Function::New(env, log_feasibility));
  return exports;
}

NODE_API_MODULE(optiproxy, initialise)

}  // namespace
}  // namespace optiproxy::node
