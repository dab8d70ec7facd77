// Reads JavaScript arguments into plain C++ values at the call, on the JavaScript thread: a worker never sees a JS
// value, nor memory that JavaScript may change or detach.  src/ validates with names the user knows; these checks keep
// a direct caller from corrupting memory.
#pragma once

#include <napi.h>

#include <cstdint>
#include <string>
#include <vector>

#include "../core/plans.h"

namespace optiproxy::node {

/// A finite number in [low, high].
double read_number(const Napi::Value& value, const char* name, double low, double high);
/// A whole number in [low, high].
int read_int(const Napi::Value& value, const char* name, int low, int high);
/// A whole number from 0 to 2^53 - 1.
uint64_t read_seed(const Napi::Value& value, const char* name);
uint32_t read_round(const Napi::Value& value, const char* name);
Napi::Object read_object(const Napi::Value& value, const char* name);

/// Copies of typed arrays; floats must be finite, or NaN where some may be missing.
std::vector<uint8_t> read_bytes(const Napi::Value& value, const char* name);
std::vector<float> read_floats(const Napi::Value& value, const char* name, bool missing = false);
std::vector<int32_t> read_ints(const Napi::Value& value, const char* name);

FitPlan read_fit_plan(const Napi::Value& value);
ClimbPlan read_climb_plan(const Napi::Value& value);

}  // namespace optiproxy::node
