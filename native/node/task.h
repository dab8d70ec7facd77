// What every native class shares: one error path, one state (open, busy, closed), one promise task.
#pragma once

#include <napi.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "../core/error.h"

namespace optiproxy::node {

/// Per environment (main thread, each worker thread): the constructors that C++ makes objects with.
struct AddonData {
  Napi::FunctionReference error_class;  // OptiProxyError, handed over by src/native.ts
  Napi::FunctionReference proxy;
  Napi::FunctionReference pool;
};

/// The JavaScript error for a code and message: an OptiProxyError once the class is known, else an Error with that
/// code.
Napi::Error make_error(Napi::Env env, const char* code, const std::string& message);

/// Runs f and turns C++ exceptions into JavaScript ones.
template <typename F>
auto guarded(Napi::Env env, F f) -> decltype(f()) {
  try {
    return f();
  } catch (const Napi::Error&) {
    throw;
  } catch (const Error& e) {
    throw make_error(env, e.code(), e.what());
  } catch (const std::exception& e) {
    throw make_error(env, "INTERNAL", e.what());
  }
}

/// Checks the `this` of an accessor.  V8 does so for methods alone, and node-addon-api takes whatever an object wraps
/// for one of the class.
inline void check_this(const Napi::CallbackInfo& info, const napi_type_tag& tag, const char* name) {
  require(info.This().IsObject() && info.This().As<Napi::Object>().CheckTypeTag(&tag),
          std::string("this: expected a native ") + name);
}

/// State of a native object.  Rule: a call finds it open and idle, or fails; an asynchronous call keeps it busy until
/// its promise settles; close while busy frees the native memory when the task ends.
class Usage {
 public:
  explicit Usage(const char* name) : name_(name) {}
  void check() const {
    if (closed_) throw Error("CLOSED", std::string(name_) + " is closed: expected an open one (hint: make a new one)");
    if (busy_)
      throw Error("BUSY", std::string(name_) + " is busy: expected no call while another runs (hint: await the first)");
  }
  void begin() { busy_ = true; }
  void end() { busy_ = false; }
  void close() { closed_ = true; }
  bool busy() const { return busy_; }
  bool closed() const { return closed_; }

 private:
  const char* name_;
  bool busy_ = false;
  bool closed_ = false;
};

/// Runs `work` on a libuv thread and resolves the promise with its number.  `owners` are kept alive meanwhile;
/// `finished` runs on the JavaScript thread before the promise settles.
class PromiseTask : public Napi::AsyncWorker {
 public:
  static Napi::Promise start(Napi::Env env, std::vector<Napi::Object> owners, std::function<double()> work,
                             std::function<void()> finished);

 protected:
  void Execute() override;
  void OnOK() override;
  void OnError(const Napi::Error& error) override;

 private:
  PromiseTask(Napi::Env env, std::function<double()> work, std::function<void()> finished);

  Napi::Promise::Deferred deferred_;
  std::vector<Napi::ObjectReference> owners_;
  std::function<double()> work_;
  std::function<void()> finished_;
  const char* code_ = "INTERNAL";
  double result_ = 0;
};

}  // namespace optiproxy::node
