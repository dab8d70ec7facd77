// class Space: a search space's own functions on batches of architectures, as src/native.ts declares it.
#pragma once

#include <napi.h>

#include <memory>

#include "../core/space.h"

namespace optiproxy::node {

/// Everything here is quick, so it runs on the JavaScript thread; callers bound the batches.
class SpaceObject : public Napi::ObjectWrap<SpaceObject> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit SpaceObject(const Napi::CallbackInfo& info);

 private:
  Napi::Value count(const Napi::CallbackInfo& info);
  Napi::Value reasons(const Napi::CallbackInfo& info);
  Napi::Value draw(const Napi::CallbackInfo& info);
  Napi::Value enumerate(const Napi::CallbackInfo& info);
  Napi::Value check(const Napi::CallbackInfo& info);
  Napi::Value keys(const Napi::CallbackInfo& info);
  Napi::Value normalise(const Napi::CallbackInfo& info);
  Napi::Value neighbours(const Napi::CallbackInfo& info);
  Napi::Value mutate(const Napi::CallbackInfo& info);
  Napi::Value encode(const Napi::CallbackInfo& info);
  /// The genes argument, whole architectures in range.
  std::vector<uint8_t> read_genes(const Napi::Value& value) const;

  std::unique_ptr<Space> space_;
};

}  // namespace optiproxy::node
