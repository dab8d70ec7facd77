// class Proxy: an ensemble on a backend, as src/native.ts declares it.
#pragma once

#include <napi.h>

#include <memory>

#include "../core/backend.h"
#include "../core/space.h"
#include "task.h"

namespace optiproxy::node {

class Proxy : public Napi::ObjectWrap<Proxy> {
 public:
  static Napi::Function define(Napi::Env env);
  /// The object behind a JavaScript value; throws INVALID_ARGUMENT for anything else.
  static Proxy& unwrap(const Napi::Value& value);
  explicit Proxy(const Napi::CallbackInfo& info);

  Usage& usage() { return usage_; }
  Backend& backend() { return *backend_; }
  int members() const { return members_; }
  int outputs() const { return model_.outputs; }
  const Space& space() const { return *space_; }
  /// The finished climb's distributions; throws INVALID_ARGUMENT if there is none.
  const Relaxation& climbed() const;
  /// Frees the backend if the object was closed while busy.
  void settle();

 private:
  Napi::Value initialise(const Napi::CallbackInfo& info);
  Napi::Value begin_fit(const Napi::CallbackInfo& info);
  Napi::Value fit(const Napi::CallbackInfo& info);
  Napi::Value begin_climb(const Napi::CallbackInfo& info);
  Napi::Value climb(const Napi::CallbackInfo& info);
  Napi::Value entropy(const Napi::CallbackInfo& info);
  Napi::Value parameters(const Napi::CallbackInfo& info);
  Napi::Value set_parameters(const Napi::CallbackInfo& info);
  Napi::Value isa(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);
  Napi::Value slice(const Napi::CallbackInfo& info, double (Backend::*work)(double), double Proxy::*done);

  Usage usage_{"proxy"};
  std::unique_ptr<Space> space_;
  ModelConfig model_;
  int members_ = 0;
  std::unique_ptr<Backend> backend_;
  double fit_done_ = -1;    // -1: nothing begun
  double climb_done_ = -1;  // likewise
};

}  // namespace optiproxy::node
