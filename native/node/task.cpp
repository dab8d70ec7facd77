#include "task.h"

namespace optiproxy::node {

Napi::Error make_error(Napi::Env env, const char* code, const std::string& message) {
  const auto* data = env.GetInstanceData<AddonData>();
  if (data != nullptr && !data->error_class.IsEmpty()) {
    Napi::Object details = Napi::Object::New(env);
    details.Set("what", message);
    return Napi::Error(env, data->error_class.New({Napi::String::New(env, code), details}));
  }
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  return error;
}

PromiseTask::PromiseTask(Napi::Env env, std::function<double()> work, std::function<void()> finished)
    : AsyncWorker(env), deferred_(env), work_(std::move(work)), finished_(std::move(finished)) {}

Napi::Promise PromiseTask::start(Napi::Env env, std::vector<Napi::Object> owners, std::function<double()> work,
                                 std::function<void()> finished) {
  auto* task = new PromiseTask(env, std::move(work), std::move(finished));  // deletes itself when done
  for (const Napi::Object& owner : owners) task->owners_.push_back(Napi::Persistent(owner));
  const Napi::Promise promise = task->deferred_.Promise();
  task->Queue();
  return promise;
}

void PromiseTask::Execute() {
  try {
    result_ = work_();
  } catch (const Error& e) {
    code_ = e.code();
    SetError(e.what());
  } catch (const std::exception& e) {
    SetError(e.what());
  } catch (...) {
    SetError("unknown failure in native code");
  }
}

void PromiseTask::OnOK() {
  finished_();
  deferred_.Resolve(Napi::Number::New(Env(), result_));
}

void PromiseTask::OnError(const Napi::Error& error) {
  finished_();
  try {
    deferred_.Reject(make_error(Env(), code_, error.Message()).Value());
  } catch (const Napi::Error& thrown) {  // by the error class: the promise settles all the same
    deferred_.Reject(thrown.Value());
  }
}

}  // namespace optiproxy::node
