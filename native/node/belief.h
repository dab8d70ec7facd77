// class Belief: a Gaussian process and what is made of it, as src/native.ts declares it.
#pragma once

#include <napi.h>

#include <memory>

#include "../core/belief.h"
#include "task.h"

namespace optiproxy::node {

class BeliefObject : public Napi::ObjectWrap<BeliefObject> {
 public:
  static Napi::Function define(Napi::Env env);
  /// The object behind a JavaScript value; throws INVALID_ARGUMENT for anything else.
  static BeliefObject& unwrap(const Napi::Value& value);
  explicit BeliefObject(const Napi::CallbackInfo& info);

  Usage& usage() { return usage_; }
  const GaussianProcess& process() const { return *process_; }
  const Space& space() const { return *space_; }
  /// Frees the process if the object was closed while busy.
  void settle();

 private:
  Napi::Value fit(const Napi::CallbackInfo& info);
  Napi::Value predict(const Napi::CallbackInfo& info);
  Napi::Value noise(const Napi::CallbackInfo& info);
  Napi::Value shape(const Napi::CallbackInfo& info);
  void set_shape(const Napi::CallbackInfo& info, const Napi::Value& value);
  Napi::Value close(const Napi::CallbackInfo& info);
  /// The genes argument, whole architectures in range, as the process sees them.
  std::vector<uint8_t> read_seen(const Napi::Value& value) const;

  Usage usage_{"belief"};
  bool written_ = false;  // whether operations without effect count
  std::unique_ptr<Space> space_;
  std::unique_ptr<GaussianProcess> process_;
};

}  // namespace optiproxy::node
