// Functions of beliefs, as src/native.ts declares them.
#pragma once

#include <napi.h>

namespace optiproxy::node {

Napi::Value log_improvement(const Napi::CallbackInfo& info);
Napi::Value log_feasibility(const Napi::CallbackInfo& info);

}  // namespace optiproxy::node
