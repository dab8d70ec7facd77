#include "space.h"

#include <algorithm>

#include "args.h"
#include "args_space.h"
#include "task.h"

namespace optiproxy::node {
namespace {

/// Marks what the constructor below has made (see Proxy).
constexpr napi_type_tag kTag{0x6f70746970726f78, 0x792e537061636500};

constexpr int kMostAtOnce = 10'000'000;
/// Invalid draws that a call may make besides some for each architecture that it is asked for.
constexpr size_t kInvalidDraws = 200'000;

Napi::Uint8Array bytes(Napi::Env env, std::span<const uint8_t> from) {
  auto array = Napi::Uint8Array::New(env, from.size());
  std::ranges::copy(from, array.Data());
  return array;
}

Napi::Float32Array floats(Napi::Env env, std::span<const float> from) {
  auto array = Napi::Float32Array::New(env, from.size());
  std::ranges::copy(from, array.Data());
  return array;
}

}  // namespace

Napi::Function SpaceObject::define(Napi::Env env) {
  return DefineClass(
      env, "Space",
      {InstanceMethod<&SpaceObject::draw>("draw"), InstanceMethod<&SpaceObject::enumerate>("enumerate"),
       InstanceMethod<&SpaceObject::check>("check"), InstanceMethod<&SpaceObject::keys>("keys"),
       InstanceMethod<&SpaceObject::normalise>("normalise"), InstanceMethod<&SpaceObject::neighbours>("neighbours"),
       InstanceMethod<&SpaceObject::mutate>("mutate"), InstanceMethod<&SpaceObject::encode>("encode"),
       InstanceAccessor<&SpaceObject::count>("count"), InstanceAccessor<&SpaceObject::reasons>("reasons")});
}

SpaceObject::SpaceObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  guarded(info.Env(), [&] {
    space_ = std::make_unique<Space>(read_space(info[0]));
    info.This().As<Napi::Object>().TypeTag(&kTag);
  });
}

std::vector<uint8_t> SpaceObject::read_genes(const Napi::Value& value) const {
  std::vector<uint8_t> genes = read_bytes(value, "genes");
  space_->graph().check_genes(genes);
  return genes;
}

Napi::Value SpaceObject::count(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    check_this(info, kTag, "Space");
    return Napi::Number::New(info.Env(), space_->count());
  });
}

Napi::Value SpaceObject::reasons(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    check_this(info, kTag, "Space");
    auto list = Napi::Array::New(info.Env());
    for (const std::string& reason : space_->reasons()) list.Set(list.Length(), reason);
    return list;
  });
}

Napi::Value SpaceObject::draw(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const auto count = static_cast<size_t>(read_int(info[0], "count", 0, kMostAtOnce));
    Rng rng({read_seed(info[1], "seed"), Purpose::kUniform, 2, read_round(info[2], "round"), 0});
    std::vector<uint8_t> genes(space_->genes()), all;
    all.reserve(count * genes.size());
    size_t tried = 0;
    for (size_t drawn = 0, invalid = 0; drawn < count && invalid < 64 * count + kInvalidDraws; ++tried) {
      space_->draw(rng, genes.data());
      if (space_->check(genes.data()) != 0) {
        ++invalid;
        continue;
      }
      ++drawn;
      all.insert(all.end(), genes.begin(), genes.end());
    }
    Napi::Object result = Napi::Object::New(info.Env());
    result.Set("genes", bytes(info.Env(), all));
    result.Set("tried", static_cast<double>(tried));
    return result;
  });
}

Napi::Value SpaceObject::enumerate(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const uint64_t first = read_seed(info[0], "first");
    const auto count = static_cast<uint64_t>(read_int(info[1], "count", 0, kMostAtOnce));
    require(space_->count() <= 0x1p53 && static_cast<double>(first + count) <= space_->count(),
            "enumerate: expected numbers below the number of encodings");
    std::vector<uint8_t> all(count * space_->genes());
    for (uint64_t i = 0; i < count; ++i) space_->write_numbered(first + i, all.data() + i * space_->genes());
    return bytes(info.Env(), all);
  });
}

Napi::Value SpaceObject::check(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const std::vector<uint8_t> genes = read_genes(info[0]);
    const size_t g = space_->genes();
    auto codes = Napi::Uint16Array::New(info.Env(), genes.size() / g);
    for (size_t i = 0; i * g < genes.size(); ++i) codes[i] = static_cast<uint16_t>(space_->check(genes.data() + i * g));
    return codes;
  });
}

Napi::Value SpaceObject::keys(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const std::vector<uint8_t> genes = read_genes(info[0]);
    const size_t g = space_->genes();
    auto all = Napi::Uint8Array::New(info.Env(), genes.size() / g * sizeof(Key));
    for (size_t i = 0; i * g < genes.size(); ++i) {
      const Key key = space_->key(genes.data() + i * g);
      std::memcpy(all.Data() + i * sizeof(Key), &key, sizeof(Key));
    }
    return all;
  });
}

Napi::Value SpaceObject::normalise(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const std::vector<uint8_t> genes = read_genes(info[0]);
    std::vector<uint8_t> normal(genes.size());
    for (size_t at = 0; at < genes.size(); at += space_->genes())
      space_->normalise(genes.data() + at, normal.data() + at);
    return bytes(info.Env(), normal);
  });
}

Napi::Value SpaceObject::neighbours(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const std::vector<uint8_t> genes = read_genes(info[0]);
    std::vector<uint8_t> all;
    for (size_t at = 0; at < genes.size(); at += space_->genes()) {
      space_->for_neighbours(genes.data() + at,
                             [&](const uint8_t* n) { all.insert(all.end(), n, n + space_->genes()); });
    }
    return bytes(info.Env(), all);
  });
}

Napi::Value SpaceObject::mutate(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const std::vector<uint8_t> genes = read_genes(info[0]);
    const uint64_t seed = read_seed(info[1], "seed");
    const uint32_t round = read_round(info[2], "round");
    Rng rng({seed, Purpose::kMutate, 0, round, 0});
    std::vector<uint8_t> mutants, mutant(space_->genes());
    for (size_t at = 0; at < genes.size(); at += space_->genes()) {
      if (!space_->mutate(rng, genes.data() + at, mutant.data())) continue;
      mutants.insert(mutants.end(), mutant.begin(), mutant.end());
    }
    return bytes(info.Env(), mutants);
  });
}

Napi::Value SpaceObject::encode(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    std::vector<uint8_t> genes = read_genes(info[0]);
    if (space_->normalises()) {
      const std::vector<uint8_t> given = genes;
      for (size_t at = 0; at < genes.size(); at += space_->genes())
        space_->normalise(given.data() + at, genes.data() + at);
    }
    const GraphBatch batch = space_->graph().encode(genes);
    Napi::Object result = Napi::Object::New(info.Env());
    result.Set("x", floats(info.Env(), batch.x));
    result.Set("out", floats(info.Env(), batch.out));
    result.Set("back", floats(info.Env(), batch.back));
    return result;
  });
}

}  // namespace optiproxy::node
