#include "args.h"

#include <climits>
#include <cmath>

#include "../core/error.h"

namespace optiproxy::node {
namespace {

std::string type_name(const Napi::Value& value) {
  if (value.IsUndefined()) return "undefined";
  if (value.IsNull()) return "null";
  if (value.IsNumber()) return std::to_string(value.As<Napi::Number>().DoubleValue());
  if (value.IsString()) return "a string";
  if (value.IsTypedArray()) return "another typed array";
  return "something else";
}

template <typename Array>
Array read_typed(const Napi::Value& value, const char* name, napi_typedarray_type type, const char* expected) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != type) {
    fail(std::string(name) + ": expected a " + expected + ", given " + type_name(value));
  }
  return value.As<Array>();
}

AdamWConfig read_adamw(const Napi::Object& plan) {
  AdamWConfig c;
  c.lr = read_number(plan.Get("lr"), "plan.lr", 0, 1e3);
  c.weight_decay = read_number(plan.Get("weightDecay"), "plan.weightDecay", 0, 1e3);
  return c;
}

Schedule read_schedule(const Napi::Value& value) {
  const Napi::Object o = read_object(value, "plan.schedule");
  const char* expected = "plan.schedule.decay: expected constant, cosine or step";
  if (!o.Get("decay").IsString()) fail(expected);
  const std::string decay = o.Get("decay").As<Napi::String>();
  if (decay == "constant") return {};
  if (decay == "cosine") return {Decay::kCosine, 1, 1};
  if (decay != "step") fail(std::string(expected) + ", given " + decay);
  return {Decay::kStep, read_number(o.Get("gamma"), "plan.schedule.gamma", 0, 1),
          read_int(o.Get("every"), "plan.schedule.every", 1, INT_MAX)};
}

}  // namespace

double read_number(const Napi::Value& value, const char* name, double low, double high) {
  if (!value.IsNumber()) fail(std::string(name) + ": expected a number, given " + type_name(value));
  const double number = value.As<Napi::Number>().DoubleValue();
  if (number >= low && number <= high) return number;  // NaN fails too
  fail(std::string(name) + ": expected " + std::to_string(low) + ".." + std::to_string(high) + ", given " +
       std::to_string(number));
}

/// A whole number in [low, high], of up to 53 bits.
static double read_whole(const Napi::Value& value, const char* name, double low, double high) {
  const double number = read_number(value, name, low, high);
  if (number != std::floor(number))
    fail(std::string(name) + ": expected a whole number, given " + std::to_string(number));
  return number;
}

int read_int(const Napi::Value& value, const char* name, int low, int high) {
  return static_cast<int>(read_whole(value, name, low, high));
}

uint64_t read_seed(const Napi::Value& value, const char* name) {
  return static_cast<uint64_t>(read_whole(value, name, 0, 9007199254740991.0));
}

uint32_t read_round(const Napi::Value& value, const char* name) {
  return static_cast<uint32_t>(read_int(value, name, 0, INT_MAX));
}

Napi::Object read_object(const Napi::Value& value, const char* name) {
  if (!value.IsObject() || value.IsNull()) fail(std::string(name) + ": expected an object, given " + type_name(value));
  return value.As<Napi::Object>();
}

std::vector<uint8_t> read_bytes(const Napi::Value& value, const char* name) {
  const auto array = read_typed<Napi::Uint8Array>(value, name, napi_uint8_array, "Uint8Array");
  return {array.Data(), array.Data() + array.ElementLength()};
}

std::vector<float> read_floats(const Napi::Value& value, const char* name, bool missing) {
  const auto array = read_typed<Napi::Float32Array>(value, name, napi_float32_array, "Float32Array");
  std::vector<float> copy(array.Data(), array.Data() + array.ElementLength());
  for (size_t i = 0; i < copy.size(); ++i) {
    if (std::isfinite(copy[i]) || (missing && std::isnan(copy[i]))) continue;
    fail(std::string(name) + "[" + std::to_string(i) + "]: expected a finite number, given " + std::to_string(copy[i]));
  }
  return copy;
}

std::vector<int32_t> read_ints(const Napi::Value& value, const char* name) {
  const auto array = read_typed<Napi::Int32Array>(value, name, napi_int32_array, "Int32Array");
  return {array.Data(), array.Data() + array.ElementLength()};
}

FitPlan read_fit_plan(const Napi::Value& value) {
  const Napi::Object o = read_object(value, "plan");
  FitPlan p;
  p.epochs = read_int(o.Get("epochs"), "plan.epochs", 1, 1000000);
  p.batch = read_int(o.Get("batch"), "plan.batch", 1, 65536);
  p.adamw = read_adamw(o);
  p.schedule = read_schedule(o.Get("schedule"));
  p.loss.ranking = static_cast<float>(read_number(o.Get("ranking"), "plan.ranking", 0, 1e6));
  p.loss.margin = static_cast<float>(read_number(o.Get("margin"), "plan.margin", 0, 1e6));
  p.dropout = static_cast<float>(read_number(o.Get("dropout"), "plan.dropout", 0, 0.99));
  p.seed = read_seed(o.Get("seed"), "plan.seed");
  p.round = read_round(o.Get("round"), "plan.round");
  check_plan(p);
  return p;
}

ClimbPlan read_climb_plan(const Napi::Value& value) {
  const Napi::Object o = read_object(value, "plan");
  ClimbPlan p;
  p.restarts = read_int(o.Get("restarts"), "plan.restarts", 1, 65535);
  p.steps = read_int(o.Get("steps"), "plan.steps", 1, 65535);
  p.adamw = read_adamw(o);
  p.schedule = read_schedule(o.Get("schedule"));
  p.tau_start = read_number(o.Get("tauStart"), "plan.tauStart", 1e-4, 1e4);
  p.tau_end = read_number(o.Get("tauEnd"), "plan.tauEnd", 1e-4, 1e4);
  p.alpha_low = static_cast<float>(read_number(o.Get("alphaLow"), "plan.alphaLow", -1e4, 1e4));
  p.alpha_high = static_cast<float>(read_number(o.Get("alphaHigh"), "plan.alphaHigh", -1e4, 1e4));
  p.beta_lr = read_number(o.Get("betaLr"), "plan.betaLr", 0, 1e3);
  p.turn = read_int(o.Get("turn"), "plan.turn", 0, 65535);
  p.seed = read_seed(o.Get("seed"), "plan.seed");
  p.round = read_round(o.Get("round"), "plan.round");
  check_plan(p);
  return p;
}

}  // namespace optiproxy::node
